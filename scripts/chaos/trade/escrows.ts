/** Partners and their customers that make escrows in a run, and bring each to the end that was planned for it. */
import { type Address, encodeFunctionData, type Hex, keccak256, type LocalAccount, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
import type { CorridorCurrency } from '../../../services/core/currency.ts';
import type {
  ActionRequest,
  EscrowAction,
} from '../../../services/settlement/domains/escrow/actionSchema.ts';
import type { Escrow } from '../../../services/settlement/domains/escrow/schema.ts';
import { payerAccounts, walletAccounts } from '../chain.ts';
import type { Partner } from '../partner.ts';
import type { World } from '../world.ts';
import { moneyOf } from './cover.ts';
import { bringAbout } from './patience.ts';
import { productOf, type Risk, timeOf } from './risks.ts';
import type { PlannedEscrow } from './schedule.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const BPS = 10_000;
/** Of a flight: the cargo of an escrow that is delayed by more is not paid for. */
export const AGREED_DELAY = 60n;

/** An escrow that a partner made. */
export interface MadeEscrow {
  planned: PlannedEscrow;
  partner: Partner;
  id: string;
  /** In the contract. */
  escrowId: Hex;
  payee: Address;
  feeRecipient: Address;
  /** What the observation of an 'observed' one will be. */
  observation: bigint;
}

/** When what is agreed upon ends, Unix seconds; the same for all of a run. */
export interface Deadlines {
  authorization: number;
  /** Before it everything is observed that there is. */
  capture: number;
  /** Of a rule by time. */
  timed: number;
}

export const payeeOf = ({ key }: PlannedEscrow): LocalAccount => privateKeyToAccount(keccak256(toHex(key)));
const feeRecipientOf = ({ key }: PlannedEscrow) =>
  privateKeyToAccount(keccak256(toHex(`${key} fee`))).address;
/** The payee's part of a dispute. */
export const payeeBpsOf = ({ partCents, cents }: PlannedEscrow) => Math.floor((partCents * BPS) / cents);

/** @param observed A risk that the oracle will observe. */
export function createEscrowMakers({ chain, partners }: World, observed: Risk, deadlines: Deadlines) {
  const made: MadeEscrow[] = [];
  const answered: { partner: Partner; body: object; key: string; id: string }[] = [];

  /** Makes the escrow, and does what people do for its end; what is left to do is left to rules and deadlines. */
  async function make(planned: PlannedEscrow): Promise<void> {
    const partner = partners[planned.partner] as Partner;
    const body = requestOf(planned);
    let escrow: Escrow | undefined;
    let tries = 0;
    await bringAbout(
      `the escrow ${planned.key}`,
      () => escrow !== undefined,
      async () => {
        const key = `${planned.key}-${tries++}`;
        escrow = await partner.post<Escrow>('/v1/escrows', body, key, planned.via);
        answered.push({ partner, body, key, id: escrow.id });
      },
    );
    const { id, escrowId, authorization } = escrow as unknown as Escrow;
    made.push({
      ...{ planned, partner, id, escrowId: escrowId as Hex, payee: payeeOf(planned).address },
      ...{ feeRecipient: feeRecipientOf(planned), observation: observed.observation ?? 0n },
    });
    if (planned.end === 'expired') return;
    const deal = dealOf(planned, partner, id);
    await deal.ask(
      await authorizationOf(planned, partner, authorization),
      ({ authorized }) => authorized !== '0.00',
    );
    await finish(planned, partner, deal);
  }

  async function authorizationOf(
    planned: PlannedEscrow,
    partner: Partner,
    authorization: Escrow['authorization'],
  ): Promise<ActionRequest> {
    const { way } = planned;
    if (way === 'account') return { action: 'authorize', way };
    const typedData = authorization?.[way].typedData as never;
    return { action: 'authorize', way, signature: await payerOf(planned, partner).signTypedData(typedData) };
  }

  async function finish(planned: PlannedEscrow, partner: Partner, deal: Deal): Promise<void> {
    const { cents, partCents, end } = planned;
    const [whole, part, rest] = [moneyOf(cents), moneyOf(partCents), moneyOf(cents - partCents)];
    const capture = (amount: string, captured: string) =>
      deal.ask({ action: 'capture', amount }, (balances) => balances.captured === captured);
    switch (end) {
      case 'captured':
        return capture(whole, whole);
      case 'partlyCaptured':
        await capture(part, part);
        return deal.ask({ action: 'void' }, ({ returned }) => returned === rest);
      case 'milestones':
        await capture(part, part);
        return capture(rest, whole);
      case 'voided':
        return deal.ask({ action: 'void' }, ({ returned }) => returned === whole);
      case 'refunded':
        await capture(whole, whole);
        return deal.send(
          { action: 'refund', amount: part },
          ({ balances }) => balances.refunded === part,
          () => fetchCredit(payeeOf(planned).address, planned.currency),
        );
      case 'released': {
        const split = {
          action: 'release' as const,
          payeeAmount: part,
          payerAmount: rest,
          deadline: timeOf(deadlines.capture) as never,
        };
        const { typedData } = await deal.answer(split);
        const [payerSignature, payeeSignature] = await Promise.all(
          [payerOf(planned, partner), payeeOf(planned)].map((party) =>
            party.signTypedData(typedData as never),
          ),
        );
        const signed = { ...split, payerSignature, payeeSignature } as ActionRequest;
        return deal.ask(signed, ({ captured }) => captured === part);
      }
      case 'ruled':
      case 'defaulted':
        await deal.send({ action: 'dispute', by: 'payer' }, ({ status }) => status === 'disputed');
        if (end === 'defaulted') return;
        return deal.ask(
          { action: 'rule', payeeBps: payeeBpsOf(planned) },
          ({ capturable }) => capturable === '0.00',
        );
      default:
        return; // a rule or a deadline ends it
    }
  }

  /** Sends an owner what it could not be paid while it was frozen, or its coin paused. */
  async function fetchCredit(owner: Address, currency: CorridorCurrency): Promise<void> {
    const contract = { address: chain.deployment.escrow, abi: escrowAbi } as const;
    const args = [chain.token(currency).address, owner] as const;
    const credit = await chain.client.readContract({
      ...contract,
      functionName: 'creditOf',
      args: [args[1], args[0]],
    });
    if (credit === 0n) return;
    const data = encodeFunctionData({ abi: escrowAbi, functionName: 'withdrawCredit', args });
    await chain.sendAs(owner, contract.address, data);
  }

  function requestOf(planned: PlannedEscrow) {
    const { key, cents, partCents, end, feeBps, currency } = planned;
    const amount = { currency, value: moneyOf(cents) };
    const [part, rest] = [moneyOf(partCents), moneyOf(cents - partCents)];
    const isDisputed = end === 'ruled' || end === 'defaulted';
    return {
      amount,
      payer: payerOf(planned, partners[planned.partner] as Partner).address,
      payee: payeeOf(planned).address,
      ...(!isDisputed && end !== 'released' && { operator: 'corridor' }),
      authorizationExpiry: timeOf(deadlines.authorization),
      captureExpiry: timeOf(deadlines.capture),
      refundExpiry: timeOf(deadlines.capture + DAY_SECONDS),
      ...(feeBps > 0 && { minFeeBps: feeBps, maxFeeBps: feeBps, feeRecipient: feeRecipientOf(planned) }),
      ...(isDisputed && {
        arbiter: 'corridor',
        rulingPeriodSeconds: DAY_SECONDS,
        defaultPayeeBps: payeeBpsOf(planned),
      }),
      ...(end === 'milestones' && { milestones: [part, rest] }),
      ...(end === 'observed' && {
        releaseRules: [
          { when: { ...observation(), atMost: String(AGREED_DELAY) }, do: { capture: 'all' } },
          { when: { ...observation(), atLeast: String(AGREED_DELAY + 1n) }, do: { void: true } },
        ],
      }),
      ...(end === 'timed' && {
        releaseRules: [
          {
            when: { type: 'time', at: timeOf(deadlines.timed) },
            do: { capture: part, void: true },
          },
        ],
      }),
      salt: keccak256(toHex(key)),
    };
  }

  function observation() {
    const { product, subject, windowStart, windowEnd } = observed;
    const { feed } = productOf(product);
    return {
      ...{ type: 'observation', feed, subject },
      ...{ windowStart: timeOf(windowStart), windowEnd: timeOf(windowEnd) },
    };
  }

  type Deal = ReturnType<typeof dealOf>;

  function dealOf({ key, via }: PlannedEscrow, partner: Partner, id: string) {
    let tries = 0;
    const read = () => partner.get<Escrow>(`/v1/escrows/${id}`);
    const post = (action: object) =>
      partner.post<EscrowAction>(`/v1/escrows/${id}/actions`, action, `${key}-action-${tries++}`, via);
    return {
      /** Has us do it, and asks again only when it is told that it came to nothing. */
      async ask(action: ActionRequest, isDone: (balances: Escrow['balances']) => boolean): Promise<void> {
        const ends = [`${action.action}_failed`, `${action.action}_expired`];
        let escrow = await read();
        const failures = () => (escrow.events ?? []).filter(({ state }) => ends.includes(state)).length;
        let known = -1;
        await bringAbout(
          `${action.action} of ${key} (${id})`,
          async () => {
            escrow = await read();
            return isDone(escrow.balances);
          },
          async () => {
            if (known === failures()) return;
            const before = failures();
            await post(action);
            known = before;
          },
        );
      },
      /** Sends what the API says that a party has to send, after what must come before that. */
      async send(
        action: ActionRequest,
        isDone: (escrow: Escrow) => boolean,
        prepare: () => Promise<void> = async () => undefined,
      ): Promise<void> {
        let last: Hex | undefined;
        await bringAbout(
          `${action.action} of ${key} (${id})`,
          async () => isDone(await read()),
          async () => {
            if (last && (await chain.hasHappened(last)) !== false) return;
            await prepare();
            const { transactions = [] } = await post(action);
            for (const { from, to, data } of transactions)
              last = await chain.sendAs(from as Address, to as Address, data as Hex);
          },
        );
      },
      /** What the API answers to something that asks nothing of the chain. */
      async answer(action: object): Promise<EscrowAction> {
        let found: EscrowAction | undefined;
        await bringAbout(
          `an answer for ${key} (${id})`,
          () => found !== undefined,
          async () => {
            found = await post(action);
          },
        );
        return found as unknown as EscrowAction;
      },
    };
  }

  return {
    made: made as readonly MadeEscrow[],
    make,
    /** The same requests under the same keys, to both processes at once: each must be answered as before. */
    async repeatAll(): Promise<void> {
      for (const { partner, body, key, id } of [...answered])
        for (const again of await Promise.all(
          [0, 1].map((via) => partner.post<Escrow>('/v1/escrows', body, key, via)),
        ))
          if (again.id !== id)
            throw new Error(`${key} was answered with ${id}, its repetition with ${again.id}`);
    },
  };
}

export function deadlinesAt(now: number, settledAt: number): Deadlines {
  return {
    authorization: now + HOUR_SECONDS,
    capture: settledAt + HOUR_SECONDS,
    timed: settledAt - HOUR_SECONDS,
  };
}

/** The partner's wallet, or the one behind its account. */
const payerOf = ({ way }: PlannedEscrow, { index }: Partner) =>
  (way === 'account' ? payerAccounts : walletAccounts)[index] as LocalAccount;
