/** Every change of an escrow: status, timeline and webhook in one transaction. */
import type { Transaction } from '../../../platform/database.ts';
import type { CallListener } from '../lanes/calls.ts';
import type { postHolds, voidHolds } from '../ledger/holds.ts';
import type { EscrowWebhook, enqueueWebhook } from '../webhooks/outbox.ts';
import type { EscrowVerb } from './actionSchema.ts';
import type { Deadline } from './deadlines.ts';
import type { EscrowStatus } from './schema.ts';
import { readEscrows } from './store.ts';
import { stateOfEvent, toEscrow } from './view.ts';

/** What is shown in the timeline: hashes, block numbers, amounts, reasons. */
type Detail = Record<string, string | number>;

interface Note {
  id: string;
  state: string;
  detail: Detail;
}

/** What the contract did, at a final block. */
export interface ChainMove {
  /** Our id of the escrow. */
  id: string;
  /** The contract's event. */
  name: string;
  detail: Detail;
}

export type EscrowLifecycle = ReturnType<typeof createEscrowLifecycle>;

export interface EscrowLifecycleParts {
  enqueueWebhook: typeof enqueueWebhook;
  ledger: { postHolds: typeof postHolds; voidHolds: typeof voidHolds };
  /** For metrics: events of the timeline. Told before the commit, which may still fail. */
  onMove?: ((state: string, count: number) => void) | undefined;
}

export function createEscrowLifecycle({ enqueueWebhook, ledger, onMove }: EscrowLifecycleParts) {
  /** Begins the timeline of an escrow that was just written. */
  function begin(tx: Transaction, id: string): Promise<void> {
    return note(tx, [{ id, state: 'created', detail: {} }]);
  }

  /** A call of the contract was asked for. */
  async function ask(tx: Transaction, id: string, verb: EscrowVerb, detail: Detail): Promise<void> {
    await note(tx, [{ id, state: `${verb}_asked`, detail }]);
    if (verb === 'authorize') await setStatus(tx, id, 'created', 'authorizing');
  }

  /** The way of each call is in the timeline; one that came to nothing ends its action, and the partner that asked is told. */
  const onCall: CallListener = async (tx, state, moves) => {
    const outcome =
      state === 'final' ? 'done' : state === 'failed' || state === 'expired' ? 'failed' : 'open';
    const { rows } = await tx.query<{
      id: string;
      escrow: string;
      verb: EscrowVerb;
      asked_by: string;
      detail: Detail;
    }>(
      `update settlement.escrow_actions a
          set state = $2, reason = coalesce(m.detail ->> 'reason', a.reason),
              ended_at = case when $2 <> 'open' then now() end
         from json_to_recordset($1) as m (id text, detail jsonb)
        where a.call_id = m.id and a.state = 'open'
       returning a.id, a.escrow_id as escrow, a.verb, a.asked_by, m.detail`,
      [JSON.stringify(moves), outcome],
    );
    await note(
      tx,
      rows.map(({ escrow: id, verb, detail }) => ({ id, state: `${verb}_${state}`, detail })),
    );
    const ids = rows.map(({ id }) => id);
    if (outcome === 'done') await ledger.postHolds(tx, ids); // as a rule the ledger has, with the block
    if (outcome !== 'failed') return;
    await ledger.voidHolds(tx, ids);
    for (const { escrow, verb } of rows)
      if (verb === 'authorize') await setStatus(tx, escrow, 'authorizing', 'created');
    const told = rows.filter(({ asked_by }) => asked_by === 'partner');
    await announce(
      tx,
      told.map(({ escrow: id }) => ({ id, type: 'escrow.action_failed' })),
    );
  };

  /** The chain did this, whoever sent the transactions; in their order. */
  async function record(tx: Transaction, moves: readonly ChainMove[]): Promise<void> {
    const noted = moves.map(({ id, name, detail }) => ({ id, state: stateOfEvent[name] ?? name, detail }));
    await settleStatus(tx, [...new Set(moves.map(({ id }) => id))]);
    await note(tx, noted);
    await announce(
      tx,
      noted.map(({ id, state }) => ({ id, type: `escrow.${state}` as EscrowWebhook })),
    );
  }

  /** Nothing was put in, and nothing can be any more. */
  async function expire(tx: Transaction, ids: readonly string[], detail: Detail): Promise<void> {
    await tx.query(
      `update settlement.escrows set status = 'expired', updated_at = now() where id = any($1)`,
      [ids],
    );
    await note(
      tx,
      ids.map((id) => ({ id, state: 'expired', detail })),
    );
    await announce(
      tx,
      ids.map((id) => ({ id, type: 'escrow.expired' })),
    );
  }

  /** Deadlines that come; `at` in Unix seconds. */
  async function remind(
    tx: Transaction,
    reminders: readonly { id: string; deadline: Deadline; at: bigint }[],
  ): Promise<void> {
    await note(
      tx,
      reminders.map(({ id, deadline, at }) => ({
        id,
        state: `${deadline}_expiring`,
        detail: { at: new Date(Number(at) * 1_000).toISOString() },
      })),
    );
    await announce(
      tx,
      reminders.map(({ id, deadline }) => ({ id, type: `escrow.${deadline}_expiring` as const })),
    );
  }

  /** Rules that hold at a final block. */
  async function hold(
    tx: Transaction,
    rules: readonly { id: string; position: number }[],
    blockNumber: bigint,
  ): Promise<void> {
    await note(
      tx,
      rules.map(({ id, position }) => ({
        id,
        state: 'rule_held',
        detail: { rule: position, blockNumber: Number(blockNumber) },
      })),
    );
    await announce(
      tx,
      rules.map(({ id }) => ({ id, type: 'escrow.rule_held' })),
    );
  }

  /** One party has signed a split; the other is to be told. */
  async function sign(tx: Transaction, id: string, detail: Detail): Promise<void> {
    await note(tx, [{ id, state: 'release_offered', detail }]);
    await announce(tx, [{ id, type: 'escrow.release_offered' }]);
  }

  /** A rule that holds cannot be done any more. */
  async function giveUp(tx: Transaction, id: string, position: number, reason: string): Promise<void> {
    await note(tx, [{ id, state: 'rule_failed', detail: { rule: position, reason } }]);
    await announce(tx, [{ id, type: 'escrow.rule_failed' }]);
  }

  async function note(tx: Transaction, notes: readonly Note[]): Promise<void> {
    if (notes.length === 0) return;
    await tx.query(
      `insert into settlement.escrow_events (escrow_id, state, detail)
       select id, state, detail from unnest($1::text[], $2::text[], $3::jsonb[]) with ordinality as noted (id, state, detail, place)
        order by place`,
      [
        notes.map(({ id }) => id),
        notes.map(({ state }) => state),
        notes.map(({ detail }) => JSON.stringify(detail)),
      ],
    );
    for (const { state } of notes) onMove?.(state, 1);
  }

  async function announce(
    tx: Transaction,
    messages: readonly { id: string; type: EscrowWebhook }[],
  ): Promise<void> {
    if (messages.length === 0) return;
    const rows = await readEscrows(tx, [...new Set(messages.map(({ id }) => id))]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    await enqueueWebhook(
      tx,
      messages.flatMap(({ id, type }) => {
        const row = byId.get(id);
        return row ? { partnerId: row.partner_id, type, paymentId: id, data: toEscrow(row) } : [];
      }),
    );
  }

  return { begin, ask, onCall, record, expire, remind, hold, sign, giveUp };
}

async function setStatus(tx: Transaction, id: string, from: EscrowStatus, to: EscrowStatus): Promise<void> {
  await tx.query(
    'update settlement.escrows set status = $3, updated_at = now() where id = $1 and status = $2',
    [id, from, to],
  );
}

/** Where the chain has them; what holds nothing any more is named by the verb that ended it. */
async function settleStatus(tx: Transaction, ids: readonly string[]): Promise<void> {
  await tx.query(
    `update settlement.escrows s
        set updated_at = now(), ruling_deadline = t.ruling_deadline, status = case
              when t.capturable > 0 and t.ruling_deadline is not null then 'disputed'
              when t.capturable > 0 then 'authorized'
              when t.captured > 0 and t.captured = t.refunded then 'refunded'
              else case t.ended_by when 'AuthorizationCancelled' then 'cancelled' when 'EscrowVoided' then 'voided'
                                   when 'EscrowReclaimed' then 'reclaimed' when 'EscrowReleased' then 'released'
                                   when 'DisputeRuled' then 'ruled' when 'DisputeDefaulted' then 'ruled' else 'captured' end end
       from (select a.id, sum(e.put_in - e.to_payee - e.to_payer) as capturable, sum(e.to_payee) as captured,
                    sum(e.refunded) as refunded, max((e.arguments ->> 'rulingDeadline')::bigint) as ruling_deadline,
                    (array_agg(e.name order by e.block_number desc, e.log_index desc)
                       filter (where e.to_payee + e.to_payer > 0 or e.name = 'AuthorizationCancelled'))[1] as ended_by
               from settlement.escrows a
               join settlement.escrow_cursors u on u.chain_id = a.chain_id
               join indexer.escrow_events e on e.chain_id = a.chain_id and e.escrow_id = a.escrow_id
                and e.contract = a.contract and e.block_number <= u.block_number
              where a.id = any($1) group by a.id) t
      where s.id = t.id`,
    [ids],
  );
}
