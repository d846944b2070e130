/** What the oracle recorded of what policies insure and release rules of escrows wait for. */
/** Rows of `subject` and the event: each policy and escrow with the observations of its own feed, subject and window. */
export const observations = `
  select p.id as subject, o.*
    from indexer.other_events o
    join indexer.cover_products f on f.chain_id = o.chain_id and f.feed = o.arguments ->> 'feed'
    join settlement.policies p
      on (p.chain_id, p.product_number, p.subject_word, p.window_start, p.window_end)
       = (o.chain_id, f.product_number, o.arguments ->> 'subject', (o.arguments ->> 'windowStart')::bigint,
          (o.arguments ->> 'windowEnd')::bigint)
   where o.name = 'ObservationRecorded'
  union
  select r.escrow_id, o.*
    from indexer.other_events o
    join settlement.escrow_rules r
      on (r.condition ->> 'feed', r.condition ->> 'subject', r.condition ->> 'windowStart', r.condition ->> 'windowEnd')
       = (o.arguments ->> 'feed', o.arguments ->> 'subject', o.arguments ->> 'windowStart', o.arguments ->> 'windowEnd')
   where o.name = 'ObservationRecorded'`;
