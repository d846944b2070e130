import {
  encodeFunctionData,
  getTypesForEIP712Domain,
  numberToHex,
  type TypedDataDomain,
  zeroAddress,
  zeroHash,
} from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { receiveWithAuthorizationTypedData } from '../../../core/evm/authorization.ts';
import { escrowAuthorizationTypedData } from '../../../core/evm/escrowTerms.ts';
import { bankReference } from '../../../core/iso20022/reference.ts';
import { formatMoney } from '../../../core/money.ts';
import type { CreditVerb, Escrow } from './schema.ts';
import { type EscrowEvent, type EscrowRow, termsOfRow } from './store.ts';

/** The contract's events as the timeline and the webhooks name them. */
export const stateOfEvent: Record<string, string> = {
  EscrowAuthorized: 'authorized',
  EscrowCharged: 'captured',
  AuthorizationCancelled: 'cancelled',
  EscrowCaptured: 'captured',
  EscrowCapturedWithPreimage: 'captured',
  EscrowVoided: 'voided',
  EscrowReclaimed: 'reclaimed',
  EscrowRefunded: 'refunded',
  EscrowReleased: 'released',
  DisputeOpened: 'disputed',
  EvidenceSubmitted: 'evidence_submitted',
  DisputeRuled: 'ruled',
  DisputeDefaulted: 'ruled',
  CreditAdded: 'credited',
  CreditWithdrawn: 'credit_withdrawn',
};

/** An escrow as the API and the webhooks show it; with its timeline where it is asked for alone. */
export function toEscrow(row: EscrowRow, events?: EscrowEvent[]): Escrow {
  const terms = termsOfRow(row);
  const money = (units: bigint) => formatMoney({ currency: row.currency, units });
  return {
    id: row.id,
    status: row.status,
    contract: row.contract,
    escrowId: row.escrow_id,
    amount: { currency: row.currency, value: money(row.units) },
    terms: {
      payer: terms.payer,
      payee: terms.payee,
      token: terms.token,
      operator: orNull(terms.operator),
      authorizationExpiry: timeOf(terms.authorizationExpiry),
      captureExpiry: timeOf(terms.captureExpiry),
      refundExpiry: timeOf(terms.refundExpiry),
      minFeeBps: terms.minFeeBps,
      maxFeeBps: terms.maxFeeBps,
      feeRecipient: orNull(terms.feeRecipient),
      arbiter: orNull(terms.arbiter),
      rulingPeriodSeconds: terms.rulingPeriodSeconds,
      defaultPayeeBps: terms.defaultPayeeBps,
      hashLock: terms.hashLock === zeroHash ? null : terms.hashLock,
      salt: numberToHex(terms.salt, { size: 32 }),
      milestones: terms.milestones.map(money),
    },
    balances: {
      authorized: money(row.authorized),
      capturable: money(row.capturable),
      captured: money(row.captured),
      returned: money(row.returned),
      refunded: money(row.refunded),
    },
    rulingDeadline: row.ruling_deadline === null ? null : timeOf(row.ruling_deadline),
    releaseRules: (row.rules ?? []).map(({ asked, held_block: heldAtBlock, is_done: isDone, failure }) => ({
      ...(asked as { when: Record<string, unknown>; do: Record<string, unknown> }),
      ...{ heldAtBlock, isDone, failure },
    })),
    releases: (row.releases ?? []).map(({ party: signedBy, payee, payer, fee_bps: feeBps, deadline }) => ({
      ...{ signedBy, feeBps, payeeAmount: money(BigInt(payee)), payerAmount: money(BigInt(payer)) },
      deadline: timeOf(deadline),
    })),
    credits: (row.credits ?? []).map(({ account, units, event, hash, withdrawn_s, withdrawn_hash }) => ({
      account,
      amount: { currency: row.currency, value: money(BigInt(units)) },
      verb: stateOfEvent[event] as CreditVerb,
      transactionHash: hash,
      withdrawnAt: withdrawn_s === null ? null : timeOf(withdrawn_s),
      withdrawalTransactionHash: withdrawn_hash,
    })),
    bankReference: bankReference(row.id),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(events && row.status === 'created' && { authorization: authorizationOf(row) }),
    ...(events && { events }),
  };
}

/** What the payer's wallet signs or sends. */
function authorizationOf(row: EscrowRow): NonNullable<Escrow['authorization']> {
  const { contract: escrow, coin_name: coinName } = row;
  const contract = { chainId: Number(row.chain_id), escrow };
  const terms = termsOfRow(row);
  const { payer: from, token, amount: value } = terms;
  const approve = encodeFunctionData({ abi: stablecoinAbi, functionName: 'approve', args: [escrow, value] });
  const authorize = encodeFunctionData({ abi: escrowAbi, functionName: 'authorize', args: [terms, value] });
  const forCoin = {
    ...{ from, to: escrow, value, nonce: row.escrow_id, validAfter: 0n },
    validBefore: validBeforeOf(terms),
  };
  const coin = { chainId: contract.chainId, token, coinName };
  return {
    signature: {
      typedData: asJson(escrowAuthorizationTypedData(contract, terms)),
      approve: { from, to: token, data: approve },
    },
    eip3009: { typedData: asJson(receiveWithAuthorizationTypedData(coin, forCoin)) },
    transaction: { from, to: escrow, data: authorize },
  };
}

/** Until when the coin takes the payer's EIP-3009 signature: as long as the contract takes the money. Exclusive, Unix seconds. */
export function validBeforeOf({ authorizationExpiry }: { authorizationExpiry: number }): bigint {
  return BigInt(authorizationExpiry) + 1n;
}

/** Typed data as wallets take it: with the domain's type, and whole numbers as decimal strings. */
export function asJson({ domain, types, ...rest }: { domain: TypedDataDomain; types: object }) {
  const whole = { domain, types: { EIP712Domain: getTypesForEIP712Domain({ domain }), ...types }, ...rest };
  const text = JSON.stringify(whole, (_, part) => (typeof part === 'bigint' ? String(part) : part));
  return JSON.parse(text) as Record<string, unknown>;
}

const orNull = (account: string) => (account === zeroAddress ? null : account);

const timeOf = (seconds: number | bigint) => new Date(Number(seconds) * 1_000).toISOString();
