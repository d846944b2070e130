/** Asking the contract for an action on behalf of a partner, a rule or a deadline: at most one of an escrow at a time. */
import {
  type Address,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hashTypedData,
  isAddressEqual,
  type PublicClient,
} from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import { formatMoney } from '../../../core/money.ts';
import { type Database, oneRow, type Transaction } from '../../../platform/database.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { asking } from '../../http/chainAsked.ts';
import { problemsOf } from '../../http/problems.ts';
import { isSigned } from '../../http/signature.ts';
import type { abandonPrepared } from '../lanes/attempts.ts';
import type { Refusal, refusalAt } from '../lanes/callSimulation.ts';
import type { insertCall, moveCalls } from '../lanes/calls.ts';
import type { reserve } from '../ledger/holds.ts';
import { assessAccount, findSpender, type PayingAccount, takeSpender, tooLittleFault } from './account.ts';
import type { ActionRequest, EscrowAction } from './actionSchema.ts';
import {
  amountFaults,
  type ContractState,
  type Intent,
  intentOf,
  type ReleaseRequest,
  splitOf,
  transactionsOf,
  type Unsigned,
} from './actions.ts';
import { NONE } from './assessment.ts';
import { escrowProblems } from './errors.ts';
import {
  findStuck,
  type GivingWayParts,
  giveWay,
  isOutOfTheWay,
  putsIn,
  readPutIns,
  type Stuck,
} from './givingWay.ts';
import type { EscrowLifecycle } from './lifecycle.ts';
import { codeOf } from './refusal.ts';
import { keepSignature, readSignatures, type SignedSplit } from './releases.ts';
import type { EscrowStatus } from './schema.ts';
import { type EscrowRow, findOnChain, readFormerSigners, termsOfRow } from './store.ts';
import { twinIdsOf } from './terms.ts';
import { asJson } from './view.ts';

const problem = problemsOf(escrowProblems);

/** The kind of the calls of escrows. */
export const ESCROW = 'escrow';

/** Several times what a verb takes. A contract account checks its signature in code of its own, at our cost. */
const MOST_GAS = 1_500_000n;
/** What a view of the contract answers as long as a call that it would take twice has not taken effect. */
const STATE_CHANGED = 'StateChanged';

export interface EscrowActionParts {
  lifecycle: EscrowLifecycle;
  chain: PublicClient;
  chainId: number;
  lanes: {
    refusalAt: typeof refusalAt;
    insertCall: typeof insertCall;
    moveCalls: typeof moveCalls;
    abandonPrepared: typeof abandonPrepared;
  };
  reserve: typeof reserve;
}

/** An action that the contract would take now. */
export interface AssessedAction {
  row: EscrowRow;
  /** Left out where only signatures are asked for. */
  intent?: Intent;
  typedData?: Record<string, unknown>;
  /** What one of two parties has signed. */
  signed?: SignedSplit;
  guard?: { data: Hex; result: Hex };
  /** The account that pays. */
  account?: PayingAccount;
  /** What is under way and gives way. */
  stuck?: Stuck;
  /** Of what puts money in: the same terms with another signer of ours, none of which the chain has. */
  twinIds?: readonly Hex[];
}

/** Who wants an action, and what for: the same is done once. */
export interface Asking {
  askedBy: 'partner' | 'rule' | 'deadline';
  step: string;
}

export type EscrowActionService = ReturnType<typeof createEscrowActionService>;

export function createEscrowActionService({
  lifecycle,
  chain,
  chainId,
  lanes,
  reserve: hold,
}: EscrowActionParts) {
  const givingWay: GivingWayParts = {
    ...lanes,
    callListeners: { [ESCROW]: lifecycle.onCall },
  };

  /**
   * Asks the contract what it would do, with no transaction of the database open.
   * @throws Problem `escrow_action_refused` with the contract's reason, `escrow_busy` as long as what the chain did is not
   * final, `escrow_taken` when the money is in by the same terms with another signer of ours, `operator_unavailable` when nobody could spend an account's money, `chain_unavailable`
   */
  async function assess(database: Database, row: EscrowRow, request: ActionRequest): Promise<AssessedAction> {
    const malformed = amountFaults(row, request);
    if (malformed.length > 0) throw refused(malformed);
    const finalNumber = await finalNumberOf(database, chainId);
    const completed = request.action === 'release' ? await withKept(database, row, request) : request;
    const waiting = await findStuck(database, row.id);
    const former = await readFormerSigners(database, chainId);
    return asking(async () => {
      const { number } = await chain.getBlock();
      const guard = await stateAt(row, number);
      const state = decodeState(guard.result);
      if (finalNumber !== undefined && finalNumber < number && row.status !== 'created') {
        const final = await stateAt(row, finalNumber);
        if (final.result !== guard.result)
          throw problem('escrow_busy', 'What the chain did to this escrow is not final yet.');
      }
      const intent = intentOf(row, state, completed);
      if ('typedData' in intent) {
        const signed = request.action === 'release' && (await signedBy(row, request, intent, number));
        return { row, typedData: asJson(intent.typedData), ...(signed && { signed }) };
      }
      const twinIds = putsIn.includes(intent.verb) ? twinsOf(row, former) : [];
      const twins = await Promise.all(twinIds.map((id) => stateAt({ ...row, escrow_id: id }, number)));
      const twin = twinIds.find((_, at) => decodeState(twins[at]?.result ?? '0x').status !== NONE);
      if (twin) throw takenBy(twin);
      const refusal = await lanes.refusalAt(
        chain,
        intent.from ?? row.terms.payer,
        { to: row.contract, data: intent.data, mostGas: isOurs(row, intent) ? MOST_GAS : null },
        number,
      );
      const isUnfunded =
        refusal?.name === 'TransferFailed' && (intent.allowance !== undefined || intent.isOutOfAccount);
      if (refusal && !isUnfunded) throw refused([faultOf(refusal)]);
      const account = intent.isOutOfAccount && (await accountOf(database, row, number));
      // Neither freeze nor allowance, and the money is there: the coin has another reason, a pause say.
      if (refusal && account && account.balance >= row.units) throw refused([faultOf(refusal)]);
      const givesWay = waiting && (await isOutOfTheWay(chain, waiting, finalNumber));
      return {
        ...{ row, intent },
        ...(intent.isRepeatable && { guard }),
        ...(account && { account }),
        ...(givesWay && { stuck: waiting }),
        twinIds,
      };
    });
  }

  /** @throws Problem `escrow_action_refused` with all that is amiss; `operator_unavailable` */
  async function accountOf(database: Database, row: EscrowRow, blockNumber: bigint): Promise<PayingAccount> {
    const { account, faults } = await assessAccount({ database, chain }, row, blockNumber);
    const areWorking = account !== undefined && account.limits.length > 0;
    const spender = areWorking ? await findSpender(database, row, account) : undefined;
    if (typeof spender === 'object') faults.push(spender);
    if (!account || faults.length > 0) throw refused(faults);
    if (!areWorking)
      throw problem('operator_unavailable', 'No signer of ours works.', [], { 'retry-after': '5' });
    return account;
  }

  /** @throws Problem `escrow_action_refused` when the party has not signed it, or no signature would make the contract take it */
  async function signedBy(
    row: EscrowRow,
    { payerSignature, payeeSignature }: ReleaseRequest,
    { split, typedData, data }: Unsigned,
    blockNumber: bigint,
  ): Promise<SignedSplit | undefined> {
    const party = payerSignature ? 'payer' : 'payee';
    const signature = payerSignature ?? payeeSignature;
    if (!signature) return undefined;
    const { [party]: signer } = row.terms;
    const limits = { blockNumber, mostGas: MOST_GAS };
    if (!(await isSigned(chain, signer, hashTypedData(typedData), signature, limits)))
      throw refused([
        {
          code: 'invalid_signature',
          pointer: `/${party}Signature`,
          detail: `${signer} has not signed this split`,
          expected: `the ${party}'s signature of the typed data`,
        },
      ]);
    const call = { to: row.contract, data, mostGas: MOST_GAS };
    const refusal = await lanes.refusalAt(chain, row.terms.payer, call, blockNumber);
    if (refusal && refusal.name !== 'InvalidSignature') throw refused([faultOf(refusal)]);
    return { party, split, signature };
  }

  /**
   * Has the call made, in the caller's transaction; or says what a party has to sign or send.
   * @throws Problem `escrow_busy`, `escrow_taken`; `escrow_action_refused` with AM04 when the account has too little
   */
  async function ask(tx: Transaction, assessed: AssessedAction, asking: Asking): Promise<EscrowAction> {
    const { row, intent, typedData, signed } = assessed;
    if (signed) {
      if (!(await keepSignature(tx, row.id, signed)))
        throw problem('escrow_busy', 'The other party has signed the same split just now.');
      const { party, split } = signed;
      const money = (units: bigint) => formatMoney({ currency: row.currency, units });
      await lifecycle.sign(tx, row.id, {
        ...{ by: party, payeeAmount: money(split.payeeAmount), payerAmount: money(split.payerAmount) },
      });
    }
    if (!intent)
      return {
        escrow: row.id,
        action: 'release',
        state: signed ? 'signed' : 'for_wallet',
        ...(typedData && { typedData }),
      };
    const { verb } = intent;
    const base = { escrow: row.id, action: verb };
    if (!isOurs(row, intent))
      return { ...base, state: 'for_wallet', transactions: transactionsOf(row, intent) };
    // Whatever is asked for, a `withdraw` as well: an escrow has one action at a time.
    if (assessed.stuck) await giveWay(tx, givingWay, assessed.stuck);
    const id = await begin(tx, assessed, intent, asking);
    if (!id) throw problem('escrow_busy', 'Another action of this escrow is under way.');
    return { ...base, state: 'open', id };
  }

  /**
   * @returns the action's id; undefined when one is under way, this step was done, or the escrow is not where it was assessed.
   * @throws Problem `escrow_action_refused` when account or limit has too little; `escrow_taken`
   */
  async function begin(
    tx: Transaction,
    { row, guard, account, twinIds = [] }: AssessedAction,
    { verb, data, from, notAfter, hopelessErrors }: Intent,
    { askedBy, step }: Asking,
  ): Promise<string | undefined> {
    const { status } = oneRow(
      await tx.query<Pick<EscrowRow, 'status'>>(
        'select status from settlement.escrows where id = $1 for update',
        [row.id],
      ),
    );
    if (standingOf(status) !== standingOf(row.status)) return undefined;
    const taken = await tx.query(
      `select from settlement.escrow_actions
        where escrow_id = $1 and (state = 'open' or (verb = $2 and step = $3 and state = 'done'))`,
      [row.id, verb, step],
    );
    if (taken.rowCount !== 0) return undefined;
    const twin = await findOnChain(tx, chainId, row.contract, twinIds);
    if (twin) throw takenBy(twin);
    const signer = account ? await takeSpender(tx, row, account) : from;
    if (typeof signer === 'object') throw refused([signer]);
    const callId = await lanes.insertCall(tx, {
      chainId,
      kind: ESCROW,
      to: row.contract,
      data,
      mostGas: MOST_GAS,
      hopelessErrors: guard ? [...hopelessErrors, STATE_CHANGED] : hopelessErrors,
      ...(signer && { signer }),
      ...(guard && { guard }),
      ...(putsIn.includes(verb) && { replaces: await readPutIns(tx, row.id) }),
      ...(notAfter !== undefined && { notAfter }),
    });
    const { id } = oneRow(
      await tx.query<{ id: string }>(
        `insert into settlement.escrow_actions (escrow_id, verb, step, asked_by, call_id)
         values ($1, $2, $3, $4, $5) returning id`,
        [row.id, verb, step, askedBy, callId],
      ),
    );
    if (account) {
      const { units } = row;
      const held = await hold(tx, [{ paymentId: id, accountId: account.id, units }]);
      if (!held.has(id) || account.balance < units) throw refused([tooLittleFault(row)]);
    }
    await lifecycle.ask(tx, row.id, verb, {
      ...{ askedBy, callId },
      ...(account && { account: account.id }),
    });
    return id;
  }

  async function stateAt({ contract, escrow_id: id }: EscrowRow, blockNumber: bigint) {
    const data = encodeFunctionData({ abi: escrowAbi, functionName: 'stateOf', args: [id] });
    const { data: result = '0x' } = await chain.call({ to: contract, data, blockNumber });
    return { data, result };
  }

  return { assess, ask, begin };
}

function decodeState(data: Hex): ContractState {
  return decodeFunctionResult({ abi: escrowAbi, functionName: 'stateOf', data });
}

function twinsOf(row: EscrowRow, ours: readonly Address[]): Hex[] {
  const contract = { chainId: Number(row.chain_id), escrow: row.contract };
  return twinIdsOf(contract, termsOfRow(row), ours);
}

function takenBy(twin: Hex) {
  return problem('escrow_taken', `The contract has these terms with another signer of ours, as ${twin}.`);
}

/** What is on its way to the contract may end, and leaves the escrow as it was. */
function standingOf(status: EscrowStatus): EscrowStatus {
  return status === 'authorizing' ? 'created' : status;
}

/** Anybody may make it, or only our signer may. */
function isOurs({ signer }: EscrowRow, { from }: Pick<Intent, 'from'>): boolean {
  return from === undefined || (signer !== null && isAddressEqual(from as Address, signer));
}

async function finalNumberOf(database: Database, chainId: number): Promise<bigint | undefined> {
  const { rows } = await database.query<{ number: bigint }>(
    'select block_number as number from settlement.posted_blocks where chain_id = $1',
    [chainId],
  );
  return rows[0]?.number;
}

/** The request with what the other party has signed of it before. */
async function withKept(
  database: Database,
  row: EscrowRow,
  request: ReleaseRequest,
): Promise<ReleaseRequest> {
  const { payer, payee } = await readSignatures(database, row.id, splitOf(row, request));
  const { payerSignature = payer, payeeSignature = payee } = request;
  if (!request.payerSignature && !request.payeeSignature) return request;
  return { ...request, ...(payerSignature && { payerSignature }), ...(payeeSignature && { payeeSignature }) };
}

function faultOf(refusal: Refusal): Fault {
  return {
    code: codeOf(refusal),
    pointer: '',
    detail: `The contract refuses it: ${refusal.detail}`,
    expected: 'what the contract takes from whoever would make the call, where the escrow stands now',
  };
}

function refused(faults: Fault[]) {
  return problem('escrow_action_refused', `${faults[0]?.detail}.`, faults);
}
