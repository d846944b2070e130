/** Terms as a request gives them, and everything that the contract would not take of them, with the place of each. */
import { type Address, type Hex, isAddressEqual, zeroAddress, zeroHash } from 'viem';
import { type EscrowTerms, escrowIdOf } from '../../../core/evm/escrowTerms.ts';
import { moneyFaults, parseMoney } from '../../../core/money.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { type EscrowRequest, OURS } from './schema.ts';

const BPS = 10_000;
const MAX_MILESTONES = 32;
const MAX_RULING_PERIOD_SECONDS = 365 * 86_400;

/** The terms that a request asks for. @param signer stands for `corridor` */
export function termsOf(
  request: EscrowRequest,
  { token, signer, salt }: { token: Address; signer: Address | undefined; salt: Hex },
): EscrowTerms {
  const { currency, value } = request.amount;
  const accountOf = (given: string | undefined) =>
    ((given === OURS ? signer : given) ?? zeroAddress) as Address;
  return {
    payer: request.payer,
    payee: request.payee,
    token,
    amount: parseMoney(currency, value).units,
    operator: accountOf(request.operator),
    authorizationExpiry: request.authorizationExpiry,
    captureExpiry: request.captureExpiry,
    refundExpiry: request.refundExpiry,
    minFeeBps: request.minFeeBps,
    maxFeeBps: request.maxFeeBps,
    feeRecipient: request.feeRecipient ?? zeroAddress,
    arbiter: accountOf(request.arbiter),
    rulingPeriodSeconds: request.rulingPeriodSeconds,
    defaultPayeeBps: request.defaultPayeeBps,
    hashLock: request.hashLock ?? zeroHash,
    salt: BigInt(salt),
    milestones: request.milestones.map((each) => parseMoney(currency, each).units),
  };
}

/**
 * Ids of the same terms with other signers that are or were ours where they name any of them: `corridor` may have stood for those, and the
 * contract would take them besides, so that the money would be put in twice.
 */
export function twinIdsOf(
  contract: { chainId: number; escrow: Address },
  terms: EscrowTerms,
  ours: readonly Address[],
): Hex[] {
  const insteadOf = (account: Address) =>
    ours.some((signer) => isAddressEqual(signer, account)) ? ours : [account];
  const own = escrowIdOf(contract, terms);
  return insteadOf(terms.operator)
    .flatMap((operator) => insteadOf(terms.arbiter).map((arbiter) => ({ ...terms, operator, arbiter })))
    .map((twin) => escrowIdOf(contract, twin))
    .filter((id) => id !== own);
}

/** Milestones with more digits than their currency has. */
export function milestoneFaults({ amount, milestones }: EscrowRequest): Fault[] {
  return milestones.flatMap((value, index) =>
    moneyFaults(amount.currency, value).map(({ code, detail, expected }) => ({
      code,
      detail,
      expected,
      pointer: `/milestones/${index}`,
    })),
  );
}

/**
 * What the contract refuses of terms, all of it; the codes are its errors' names. It checks them again at `authorize`.
 * @param now the chain's time, Unix seconds
 */
export function termsFaults(
  terms: EscrowTerms,
  contracts: { escrow: Address; paymentRouter: Address },
  now: number,
): Fault[] {
  const faults: Fault[] = [];
  const { payer, payee, token, operator, feeRecipient, arbiter } = terms;
  const same = (a: Address, b: Address) => isAddressEqual(a, b);
  const isNobody = (account: Address) => same(account, zeroAddress);
  const isDeadEnd = (account: Address) =>
    [contracts.escrow, contracts.paymentRouter, token].some((contract) => same(account, contract));
  const unless = (isFine: boolean, code: string, pointer: string, detail: string, expected: string) => {
    if (!isFine) faults.push({ code, pointer, detail, expected });
  };

  const somebody = 'a wallet, and none of the escrow, the router and the coin';
  unless(!isNobody(payer) && !isDeadEnd(payer), 'payer_invalid', '/payer', `The payer is ${payer}`, somebody);
  unless(
    !isNobody(payee) && !isDeadEnd(payee) && !same(payee, payer),
    'payee_invalid',
    '/payee',
    `The payee is ${payee}`,
    `${somebody}, and not the payer`,
  );
  unless(
    isNobody(operator) || ![payer, payee, contracts.escrow].some((party) => same(operator, party)),
    'operator_invalid',
    '/operator',
    `The operator is ${operator}`,
    'neither party, nor the escrow: leave it out, so that the payer captures, or name a third',
  );

  const { authorizationExpiry, captureExpiry, refundExpiry } = terms;
  unless(
    authorizationExpiry <= captureExpiry && captureExpiry <= refundExpiry,
    'expiries_not_ordered',
    authorizationExpiry > captureExpiry ? '/captureExpiry' : '/refundExpiry',
    `The expiries are ${authorizationExpiry}, ${captureExpiry} and ${refundExpiry} (Unix seconds)`,
    'authorizationExpiry, captureExpiry, refundExpiry, none before the one named first',
  );
  unless(
    now <= authorizationExpiry,
    'authorization_expired',
    '/authorizationExpiry',
    `It is over: the chain's time is ${new Date(now * 1_000).toISOString()}`,
    "a time after the chain's",
  );

  const { minFeeBps, maxFeeBps } = terms;
  unless(
    minFeeBps <= maxFeeBps && maxFeeBps <= BPS,
    'fee_bounds_invalid',
    minFeeBps > maxFeeBps ? '/minFeeBps' : '/maxFeeBps',
    `The fee is between ${minFeeBps} and ${maxFeeBps}`,
    `minFeeBps at most maxFeeBps, and that at most ${BPS}`,
  );
  unless(
    isNobody(feeRecipient) === (maxFeeBps === 0),
    'fee_recipient_mismatch',
    '/feeRecipient',
    isNobody(feeRecipient) ? 'There is a fee, and nobody to get it' : 'Somebody gets a fee of 0',
    'a recipient exactly where maxFeeBps is above 0',
  );
  unless(
    !isDeadEnd(feeRecipient),
    'fee_recipient_invalid',
    '/feeRecipient',
    `The fee recipient is ${feeRecipient}`,
    somebody,
  );

  const { rulingPeriodSeconds, defaultPayeeBps } = terms;
  unless(
    isNobody(arbiter) ? rulingPeriodSeconds === 0 && defaultPayeeBps === 0 : rulingPeriodSeconds > 0,
    'dispute_terms_mismatch',
    isNobody(arbiter) ? '/arbiter' : '/rulingPeriodSeconds',
    isNobody(arbiter) ? 'There is no arbiter' : 'The arbiter has no time to rule',
    'arbiter with rulingPeriodSeconds above 0, or neither of them nor defaultPayeeBps',
  );
  unless(
    isNobody(arbiter) || ![payer, payee, contracts.escrow].some((party) => same(arbiter, party)),
    'arbiter_invalid',
    '/arbiter',
    `The arbiter is ${arbiter}`,
    'neither party, nor the escrow',
  );
  unless(
    rulingPeriodSeconds <= MAX_RULING_PERIOD_SECONDS,
    'ruling_period_too_long',
    '/rulingPeriodSeconds',
    `The arbiter has ${rulingPeriodSeconds} s`,
    `at most ${MAX_RULING_PERIOD_SECONDS} s, which are 365 days`,
  );
  unless(
    defaultPayeeBps <= BPS,
    'payee_bps_too_high',
    '/defaultPayeeBps',
    `The payee gets ${defaultPayeeBps} of ${BPS}`,
    `at most ${BPS}`,
  );
  unless(
    terms.hashLock === zeroHash || (isNobody(arbiter) && isNobody(operator) && terms.milestones.length === 0),
    'hash_lock_not_alone',
    '/hashLock',
    'There is an operator, an arbiter or a milestone besides the hash lock',
    'a hash lock alone: only who knows the preimage decides',
  );

  const { milestones, amount } = terms;
  unless(
    milestones.length <= MAX_MILESTONES,
    'too_many_milestones',
    '/milestones',
    `There are ${milestones.length}`,
    `at most ${MAX_MILESTONES}`,
  );
  for (const [index, milestone] of milestones.entries())
    unless(
      milestone > 0n,
      'milestone_is_zero',
      `/milestones/${index}`,
      'It is of nothing',
      'more than nothing',
    );
  const sum = milestones.reduce((total, milestone) => total + milestone, 0n);
  unless(
    milestones.length === 0 || sum === amount,
    'milestones_sum_mismatch',
    '/milestones',
    `They add up to ${sum} token units`,
    `the amount, ${amount} token units`,
  );
  return faults;
}
