/** A partner of the world: it sends its orders until they are answered, remembers every answer, and asks what became of them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Address, Hex } from 'viem';
import type { SigningCredential } from '../../services/platform/http/signedFetch.ts';
import type { AuthorizedPayment } from '../../services/settlement/domains/authorizedPayments/schema.ts';
import type { Payment, PaymentBatch } from '../../services/settlement/domains/payments/schema.ts';
import type { Random } from '../iso20022/random.ts';
import { ApiProblem, PartnerClient } from '../start/partner-client.ts';
import { isRefusable } from './authorized.ts';
import type { Receiver } from './receiver.ts';
import type { Order, PlannedPayment } from './schedule.ts';
import type { Wallet } from './wallet.ts';

const ANSWER_LIMIT_MS = 120_000;
const REPEAT_MS = 200;
/** Problems of a request that comes again under another key. */
const KNOWN_ALREADY = ['message_id_reused', 'authorization_taken', 'authorization_refused'];

/** What a partner holds in its hands about one of its orders. */
export interface Entry {
  order: Order;
  /** Id of the payment or batch, from the answer 201. */
  id?: string;
  /** Whether the payment was taken back; undefined while nobody asked for that. */
  isCancelled?: boolean;
  /** What a wallet signed was not taken, for good. */
  isRefused?: boolean;
  /** Ids of what repetitions under new keys made. */
  repeats: string[];
}

export interface Recipients {
  frozen: Address;
  shared: Address;
}

/** One key, two answers: what a repetition must never get. */
export class AnsweredTwice extends Error {
  override readonly name = 'AnsweredTwice';
}

export class Partner {
  readonly index: number;
  readonly receiver: Receiver;
  readonly entries: Entry[] = [];
  /** Of its webhooks. */
  secret = '';
  readonly #clients: readonly PartnerClient[];
  readonly #wallet: Wallet;
  readonly #recipients: Recipients;

  constructor(
    index: number,
    origins: readonly string[],
    credential: SigningCredential,
    receiver: Receiver,
    wallet: Wallet,
    recipients: Recipients,
  ) {
    this.index = index;
    this.receiver = receiver;
    this.#clients = origins.map((origin) => new PartnerClient(origin, credential));
    this.#wallet = wallet;
    this.#recipients = recipients;
  }

  /** Subscribes to webhooks. */
  async subscribe(): Promise<void> {
    const { url } = this.receiver;
    this.secret = (await this.post<{ secret: string }>('/v1/webhook-endpoints', { url }, url, 0)).secret;
  }

  /** Sends an order, again and again until it is answered; takes it back if that is the order. */
  async place(order: Order): Promise<void> {
    const entry: Entry = { order, repeats: [] };
    this.entries.push(entry);
    await this.#send(entry, order.isCancelled);
    const [planned] = order.payments;
    if (order.rival && planned && !entry.isRefused)
      await this.#wallet.rival(order.rival, planned, this.walletOf(planned));
  }

  /** Sends again what had an effect, as after a restored backup: under the same keys, in an order of its own. */
  async placeAllAgain(random: Random): Promise<void> {
    const places = new Map(this.entries.map((entry) => [entry, random.next()]));
    const place = (entry: Entry) => places.get(entry) ?? 0;
    for (const entry of this.entries.toSorted((a, b) => place(a) - place(b))) {
      entry.repeats.length = 0;
      await this.#send(entry, entry.isCancelled === true);
    }
  }

  /** Repeats what was answered: the same request to both processes at once, and its payments under a new key. */
  async repeatAll(): Promise<void> {
    for (const entry of this.entries.filter(({ id }) => id !== undefined)) {
      const { order, id } = entry;
      const ids = await Promise.all([0, 1].map((via) => this.#request(order, order.key, via)));
      for (const again of ids)
        if (again !== id)
          throw new AnsweredTwice(`${order.key} was answered with ${id}, its repetition with ${again}`);
      if (order.isCancelled) continue;
      const repeated = await this.#request(
        order,
        `${order.key}-again${entry.repeats.length}`,
        order.via,
      ).catch((error: unknown) => {
        if (error instanceof ApiProblem && KNOWN_ALREADY.includes(error.code)) return undefined;
        throw error;
      });
      if (repeated) entry.repeats.push(repeated);
    }
  }

  /** Everything that is known at the API under the ids that it was told. */
  async payments(): Promise<Payment[]> {
    const ids = this.#ids().filter((id) => !isAuthorized(id));
    const found = await Promise.all(ids.map((id) => this.#paymentsOf(id)));
    return found.flat();
  }

  /** As {@link payments}, for those that its wallet signed, with their timelines. */
  authorizedPayments(): Promise<AuthorizedPayment[]> {
    const ids = this.#ids().filter(isAuthorized);
    return Promise.all(ids.map((id) => this.get<AuthorizedPayment>(`/v1/authorized-payments/${id}`)));
  }

  #ids(): string[] {
    return this.entries.flatMap(({ id, repeats }) => [...(id ? [id] : []), ...repeats]);
  }

  async #paymentsOf(id: string): Promise<Payment[]> {
    if (id.startsWith('pay_')) return [await this.get<Payment>(`/v1/payments/${id}`)];
    return (await this.get<{ items: Payment[] }>(`/v1/payments?limit=100&paymentBatchId=${id}`)).items;
  }

  get<Body>(path: string): Promise<Body> {
    return this.#untilAnswered(0, (client) => client.get<Body>(path));
  }

  walletOf({ recipient, wallet }: PlannedPayment): Address {
    return recipient === 'own' ? wallet : this.#recipients[recipient];
  }

  /** Of the authorisation of a payment that its wallet signs. */
  nonceOf(planned: PlannedPayment): Hex {
    return this.#wallet.nonceOf(planned, this.walletOf(planned));
  }

  get wallet(): Address {
    return this.#wallet.address;
  }

  async #send(entry: Entry, isTakenBack: boolean): Promise<void> {
    const { order } = entry;
    if (order.format === 'authorized') return this.#authorize(entry);
    entry.id = await this.#request(order, order.key, order.via);
    if (isTakenBack) entry.isCancelled = await this.#cancel(order, entry.id);
  }

  /** Hands in what the wallet signed, until it is taken, or cannot be any more. A pause or a frozen recipient passes. */
  async #authorize(entry: Entry): Promise<void> {
    const { order } = entry;
    const [planned] = order.payments as [PlannedPayment];
    const isHopeless = () => isRefusable(planned) || this.#wallet.isUsed(planned, this.walletOf(planned));
    const endsAt = performance.now() + ANSWER_LIMIT_MS;
    delete entry.id;
    for (;;) {
      try {
        entry.id = await this.#request(order, order.key, order.via);
        entry.isRefused = false;
        return;
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'authorization_refused') throw error;
        entry.isRefused = true;
        if (performance.now() > endsAt || (await isHopeless())) return;
        await delay(REPEAT_MS);
      }
    }
  }

  /** @returns the id of the payment or batch. */
  async #request(order: Order, key: string, via: number): Promise<string> {
    if (order.format === 'csv') {
      const options = { body: this.#csv(order), contentType: 'text/csv', idempotencyKey: key };
      const answer = await this.#untilAnswered(via, (client) =>
        client.request('POST', '/v1/payment-batches', options),
      );
      return ((await answer.json()) as PaymentBatch).id;
    }
    if (order.format === 'authorized') {
      const [planned] = order.payments as [PlannedPayment];
      const body = await this.#wallet.request(planned, this.walletOf(planned));
      return (await this.post<AuthorizedPayment>('/v1/authorized-payments', body, key, via)).id;
    }
    const payments = order.payments.map((payment) => this.#json(payment));
    const { id } =
      order.format === 'single'
        ? await this.post<Payment>('/v1/payments', payments[0], key, via)
        : await this.post<PaymentBatch>('/v1/payment-batches', { messageId: order.key, payments }, key, via);
    return id;
  }

  async #cancel({ key, via }: Order, id: string): Promise<boolean> {
    try {
      await this.post(`/v1/payments/${id}/cancel`, {}, `${key}-cancel`, via);
      return true;
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'payment_not_cancellable') return false;
      throw error;
    }
  }

  /** @param via Which settlement process is asked first. */
  post<Body>(path: string, body: unknown, key: string, via: number): Promise<Body> {
    return this.#untilAnswered(via, (client) => client.post<Body>(path, body, key));
  }

  /** Asks one process, then the other, until one answers for good. */
  async #untilAnswered<Answer>(
    via: number,
    ask: (client: PartnerClient) => Promise<Answer>,
  ): Promise<Answer> {
    const endsAt = performance.now() + ANSWER_LIMIT_MS;
    for (let tries = via; ; tries++) {
      try {
        return await ask(this.#clients[tries % this.#clients.length] as PartnerClient);
      } catch (error) {
        if (!mayBeAsked(error) || performance.now() > endsAt) throw error;
        await delay(REPEAT_MS);
      }
    }
  }

  #json(payment: PlannedPayment) {
    return {
      endToEndId: payment.endToEndId,
      amount: { currency: payment.currency, value: amountOf(payment) },
      creditor: { name: 'Supplier', account: { scheme: 'EVM', identification: this.walletOf(payment) } },
    };
  }

  #csv({ payments }: Order): string {
    const rows = payments.map((payment) =>
      [
        payment.endToEndId,
        amountOf(payment),
        payment.currency,
        'Supplier',
        'EVM',
        this.walletOf(payment),
      ].join(','),
    );
    return [
      'endToEndId,amount,currency,creditorName,creditorAccountScheme,creditorAccount',
      ...rows,
      '',
    ].join('\r\n');
  }
}

const isAuthorized = (id: string) => id.startsWith('aup_');

/** True when the same request may find an answer later: nobody answered, or the answer says so. */
function mayBeAsked(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return error instanceof TypeError || error instanceof DOMException;
  return error.status >= 500 || error.status === 429 || error.code === 'idempotency_key_in_flight';
}

/** Such as `123.45`; of what is too much, more than anybody has. */
export function amountOf({ cents, isTooMuch }: PlannedPayment): string {
  const whole = isTooMuch ? 9_000_000_000 : Math.floor(cents / 100);
  return `${whole}.${String(cents % 100).padStart(2, '0')}`;
}
