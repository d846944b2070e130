/** What the chain says of an escrow's terms before anything is signed. */
import { type Address, encodeFunctionData, type Hex, keccak256, type PublicClient, toHex } from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { CorridorCurrency } from '../../../core/currency.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { type EscrowTerms, escrowIdOf } from '../../../core/evm/escrowTerms.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { asking } from '../../http/chainAsked.ts';
import { problemsOf } from '../../http/problems.ts';
import type { refusalAt } from '../lanes/callSimulation.ts';
import { escrowProblems } from './errors.ts';
import { codeOf } from './refusal.ts';
import { ruleFeedFaults } from './ruleFeeds.ts';
import { ruleFaults, type StoredRule, storedRule } from './ruleSchema.ts';
import { type EscrowRequest, OURS } from './schema.ts';
import { milestoneFaults, termsFaults, termsOf, twinIdsOf } from './terms.ts';

const problem = problemsOf(escrowProblems);

export interface AssessmentParts {
  chain: PublicClient;
  deployment: Deployment;
  /** Of the lanes: why the chain would refuse a call. */
  refusalAt: typeof refusalAt;
}

/** Terms that the contract would take, and what the payer has. */
export interface Assessed {
  currency: CorridorCurrency;
  terms: EscrowTerms;
  escrowId: Hex;
  /** The same terms with each other signer that was ever ours: the contract would take them besides. */
  twinIds: Hex[];
  coinName: string;
  /** Our signer, where the terms name it. */
  signer: Address | undefined;
  /** Token units. */
  balance: bigint;
  allowance: bigint;
  rules: StoredRule[];
}

/** The contract's `Status` of what was never authorized, or is forgotten. */
export const NONE = 0;

/** What `authorize` says last, once nothing is left to say of the terms: the payer has not put the money there yet. */
const NO_MONEY = 'TransferFailed';

/**
 * The salt of terms that name none. A request that is repeated under its key is the same escrow to the contract, or the same but for the
 * signer of ours, even when a restored backup has forgotten it, so that nobody's money is put in twice.
 */
export function saltOf(partnerId: string, idempotencyKey: string): Hex {
  return keccak256(toHex(`Corridor escrow salt\n${partnerId}\n${idempotencyKey}`));
}

/**
 * Asks the contract itself, besides the checks that know each fault's place; with no transaction of the database open.
 * @param ours our signer, which `corridor` stands for; whoever else of ours it may have stood for; the salt if the request has none
 * @throws Problem `escrow_terms_refused` with every fault; `escrow_taken`; `chain_unavailable`
 */
export async function assess(
  { chain, deployment, refusalAt: simulate }: AssessmentParts,
  request: EscrowRequest,
  ours: { signer: Address | undefined; former: readonly Address[]; salt: Hex },
): Promise<Assessed> {
  const malformed = milestoneFaults(request);
  if (malformed.length > 0) throw refused(malformed);
  const { currency } = request.amount;
  const { chainId, escrow, oracleHub, stablecoins } = deployment;
  const token = stablecoins[currency].address;
  const salt = request.salt ?? ours.salt;
  const terms = termsOf(request, { token, signer: ours.signer, salt });
  const { payer, amount } = terms;
  const escrowId = escrowIdOf({ chainId, escrow }, terms);
  const twinIds = twinIdsOf({ chainId, escrow }, terms, ours.former);
  return asking(async () => {
    const { number: blockNumber, timestamp } = await chain.getBlock();
    const faults = [
      ...termsFaults(terms, deployment, Number(timestamp)),
      ...ruleFaults(request.releaseRules, {
        ...{ currency, units: amount, captureExpiry: terms.captureExpiry },
        milestones: terms.milestones.length,
        isOurs: request.operator === OURS,
      }),
      ...(await ruleFeedFaults(chain, oracleHub, request.releaseRules, blockNumber)),
    ];
    if (faults.length > 0) throw refused(faults);
    const data = encodeFunctionData({ abi: escrowAbi, functionName: 'authorize', args: [terms, amount] });
    const coin = { address: token, abi: stablecoinAbi, blockNumber } as const;
    const stateOf = (id: Hex) =>
      chain.readContract({
        address: escrow,
        abi: escrowAbi,
        functionName: 'stateOf',
        args: [id],
        blockNumber,
      });
    const [refusal, coinName, balance, allowance, ...twins] = await Promise.all([
      simulate(chain, payer, { to: escrow, data, mostGas: null }, blockNumber),
      chain.readContract({ ...coin, functionName: 'name' }),
      chain.readContract({ ...coin, functionName: 'balanceOf', args: [payer] }),
      chain.readContract({ ...coin, functionName: 'allowance', args: [payer, escrow] }),
      ...twinIds.map(stateOf),
    ]);
    const twin = twinIds.find((_, index) => twins[index]?.status !== NONE);
    if (refusal?.name === 'AlreadyAuthorized' || twin)
      throw problem('escrow_taken', `The contract knows the escrow ${twin ?? escrowId}.`);
    if (refusal && refusal.name !== NO_MONEY)
      throw refused([
        {
          code: codeOf(refusal),
          pointer: '',
          detail: `The contract refuses it: ${refusal.detail}`,
          expected: 'terms that the contract takes',
        },
      ]);
    const rules = request.releaseRules.map((rule) => storedRule(rule, currency, amount));
    return { currency, terms, escrowId, twinIds, coinName, signer: ours.signer, balance, allowance, rules };
  });
}

function refused(faults: Fault[]) {
  return problem('escrow_terms_refused', `${faults[0]?.detail}.`, faults);
}
