/**
 * Of each escrow everything that came in went out once, to whom it was due, to the unit; and the contract holds what is left. Found from
 * its events, from balances, and from what the API tells.
 */
import { isAddressEqual, type Log, parseEventLogs, parseUnits } from 'viem';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
import type { Escrow } from '../../../services/settlement/domains/escrow/schema.ts';
import type { Violation, ViolationKind } from '../invariants.ts';
import { ownedBy, readBalances, tradeCurrencies } from './balances.ts';
import { CENT } from './cover.ts';
import { AGREED_DELAY, type MadeEscrow, payeeBpsOf } from './escrows.ts';
import type { TradeRemains } from './run.ts';

const BPS = 10_000n;
/** Of the coins. */
export const DECIMALS = 6;

/** What an escrow comes to, when everything is as it should be. */
export interface ExpectedEscrow {
  status: Escrow['status'];
  /** In token units: what came in, and went to the payee (with the fee), to the payer, and back out of the payee's hands. */
  authorized: bigint;
  toPayee: bigint;
  fee: bigint;
  toPayer: bigint;
  refunded: bigint;
  /** What partners are told of it, but for reminders and rules. */
  webhooks: string[];
}

type Report = (kind: ViolationKind, what: string) => void;

export async function escrowViolations(remains: TradeRemains): Promise<Violation[]> {
  const { world, escrows, startBlock } = remains;
  const { client, deployment } = world.chain;
  const logs = await client.getLogs({ address: deployment.escrow, fromBlock: startBlock + 1n });
  const found: Violation[] = [];
  const report: Report = (kind, what) => found.push({ kind, what });
  for (const escrow of escrows) await lookAt(remains, escrow, logs, report);
  const ids = escrows.map(({ escrowId }) => escrowId);
  for (const { args } of parseEventLogs({ abi: escrowAbi, logs, eventName: 'EscrowAuthorized' }))
    if (!ids.includes(args.escrowId))
      report('duplicated', `The escrow ${args.escrowId} was authorized, and nobody made it`);
  await accountFor(remains, logs, report);
  return found;
}

async function lookAt(
  { world }: TradeRemains,
  escrow: MadeEscrow,
  logs: Log[],
  report: Report,
): Promise<void> {
  const { planned, partner, id, escrowId, payee, feeRecipient } = escrow;
  const name = `${planned.key} (${id}, ${planned.end})`;
  const expected = expectedEscrow(escrow);
  const moved = movesOf(logs, escrowId);
  const told = await partner.get<Escrow>(`/v1/escrows/${id}`);
  const { capturable } = await world.chain.client.readContract({
    address: world.chain.deployment.escrow,
    abi: escrowAbi,
    functionName: 'stateOf',
    args: [escrowId],
  });
  if (moved.authorized !== moved.toPayee + moved.toPayer + capturable)
    report(
      'unbalanced',
      `${name}: ${moved.authorized} came in, ${moved.toPayee} and ${moved.toPayer} went out, ${capturable} is held`,
    );
  const isOpen = ['created', 'authorizing', 'authorized', 'disputed'].includes(told.status);
  if (isOpen) return report('stuck', `${name} is still ${told.status}`);
  if (told.status !== expected.status)
    report('lost', `${name} is ${told.status}, expected ${expected.status}`);
  for (const part of ['authorized', 'toPayee', 'fee', 'toPayer', 'refunded'] as const)
    if (moved[part] !== expected[part])
      report(
        moved[part] > expected[part] ? 'duplicated' : 'lost',
        `${name}: ${part} is ${moved[part]}, expected ${expected[part]}`,
      );

  const units = (value: string) => parseUnits(value, DECIMALS);
  const shown = {
    authorized: units(told.balances.authorized),
    toPayee: units(told.balances.captured),
    toPayer: units(told.balances.returned),
    refunded: units(told.balances.refunded),
  };
  for (const part of ['authorized', 'toPayee', 'toPayer', 'refunded'] as const)
    if (shown[part] !== moved[part])
      report('unbalanced', `${name}: the API tells of ${part} ${shown[part]}, the chain of ${moved[part]}`);
  const credits = parseEventLogs({ abi: escrowAbi, logs, eventName: 'CreditAdded' })
    .filter(({ args }) => args.id === escrowId)
    .map(({ args, transactionHash }) =>
      `${args.amount} of ${args.account} by ${transactionHash}`.toLowerCase(),
    );
  const creditsTold = told.credits.map(
    ({ account, amount, transactionHash }) => `${units(amount.value)} of ${account} by ${transactionHash}`,
  );
  if (creditsTold.join() !== credits.join())
    report(
      creditsTold.length > credits.length ? 'duplicated' : 'lost',
      `${name}: the API tells of the credits ${creditsTold.join(', ')}, the chain of ${credits.join(', ')}`,
    );

  const dues = [
    [payee, expected.toPayee - expected.fee - expected.refunded],
    [feeRecipient, expected.fee],
  ] as const;
  for (const [wallet, due] of dues) {
    const has = await ownedBy(world, wallet, planned.currency);
    if (has !== due)
      report(has > due ? 'duplicated' : 'lost', `${name}: ${wallet} has ${has}, was due ${due}`);
  }
}

/** What a planned end means. */
export function expectedEscrow({ planned, observation }: MadeEscrow): ExpectedEscrow {
  const [whole, part] = [BigInt(planned.cents) * CENT, BigInt(planned.partCents) * CENT];
  const ruled = (whole * BigInt(payeeBpsOf(planned))) / BPS;
  const end = (
    status: Escrow['status'],
    paid: readonly bigint[],
    webhooks: string[],
    refunded = 0n,
  ): ExpectedEscrow => {
    const toPayee = paid.reduce((sum, amount) => sum + amount, 0n);
    const fee = paid.reduce((sum, amount) => sum + (amount * BigInt(planned.feeBps)) / BPS, 0n);
    const told = ['authorized', ...webhooks].map((state) => `escrow.${state}`);
    return { status, authorized: whole, toPayee, fee, toPayer: whole - toPayee, refunded, webhooks: told };
  };
  switch (planned.end) {
    case 'captured':
      return end('captured', [whole], ['captured']);
    case 'partlyCaptured':
    case 'timed':
      return end('voided', [part], ['captured', 'voided']);
    case 'milestones':
      return end('captured', [part, whole - part], ['captured', 'captured']);
    case 'voided':
      return end('voided', [], ['voided']);
    case 'refunded':
      return end('captured', [whole], ['captured', 'refunded'], part);
    case 'released':
      return end('released', [part], ['released']);
    case 'ruled':
    case 'defaulted':
      return end('ruled', [ruled], ['disputed', 'ruled']);
    case 'observed':
      return observation <= AGREED_DELAY
        ? end('captured', [whole], ['captured'])
        : end('voided', [], ['voided']);
    case 'reclaimed':
      return end('reclaimed', [], ['reclaimed']);
    case 'expired':
      return {
        ...end('expired', [], []),
        ...{ authorized: 0n, toPayer: 0n, webhooks: ['escrow.expired'] },
      };
  }
}

function movesOf(logs: Log[], escrowId: string) {
  const events = parseEventLogs({ abi: escrowAbi, logs });
  const moved = { authorized: 0n, toPayee: 0n, fee: 0n, toPayer: 0n, refunded: 0n };
  for (const event of events) {
    if (!('escrowId' in event.args) || event.args.escrowId !== escrowId) continue;
    switch (event.eventName) {
      case 'EscrowAuthorized':
        moved.authorized += event.args.amount;
        break;
      case 'EscrowCaptured':
        moved.toPayee += event.args.amount;
        moved.fee += event.args.fee;
        break;
      case 'EscrowVoided':
      case 'EscrowReclaimed':
        moved.toPayer += event.args.amount;
        break;
      case 'EscrowRefunded':
        moved.refunded += event.args.amount;
        break;
      case 'EscrowReleased':
      case 'DisputeRuled':
      case 'DisputeDefaulted':
        moved.toPayee += event.args.payeeAmount;
        moved.toPayer += event.args.payerAmount;
        moved.fee += event.args.fee;
        break;
    }
  }
  return moved;
}

/** The contract's money and the payers', to the unit. */
async function accountFor(
  { world, escrows, before, isPeaceful }: TradeRemains,
  logs: Log[],
  report: Report,
): Promise<void> {
  if (!isPeaceful) return; // what is open is told of elsewhere
  const after = await readBalances(world);
  const unlessSame = (what: string, observed: bigint, wanted: bigint) => {
    if (observed !== wanted) report('unbalanced', `${what}: ${observed}, expected ${wanted}`);
  };
  const credits = parseEventLogs({ abi: escrowAbi, logs, eventName: ['CreditAdded', 'CreditWithdrawn'] });
  for (const currency of tradeCurrencies) {
    const { address } = world.chain.token(currency);
    const owed = credits
      .filter(({ args }) => isAddressEqual(args.token, address))
      .reduce(
        (sum, { eventName, args }) => sum + (eventName === 'CreditAdded' ? args.amount : -args.amount),
        0n,
      );
    unlessSame(
      `Escrows, all of them ended, hold of ${currency}`,
      after.escrows[currency],
      before.escrows[currency] + owed,
    );
    for (const [index, wallets] of after.wallets.entries()) {
      const own = escrows.filter(
        ({ planned }) =>
          planned.partner === index && planned.currency === currency && planned.way !== 'account',
      );
      unlessSame(
        `The payer of partner ${index}'s escrows owns of ${currency}`,
        wallets[currency],
        (before.wallets[index]?.[currency] ?? 0n) - spentOn(own),
      );
    }
  }
}

/** What escrows took from their payers for good. */
export function spentOn(escrows: readonly MadeEscrow[]): bigint {
  return escrows
    .map(expectedEscrow)
    .reduce((sum, { authorized, toPayer, refunded }) => sum + authorized - toPayer - refunded, 0n);
}
