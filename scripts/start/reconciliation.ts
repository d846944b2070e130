import type { PartnerClient } from './partner-client.ts';
import { paint, say } from './terminal.ts';
import { until } from './until.ts';

interface Reconciliation {
  latest: { blockNumber: number; accountsChecked: number } | null;
  breaks: unknown[];
}

/** Says how ledger and chain compare at a block or a later one. @throws when they do not agree. */
export async function checkReconciliation(client: PartnerClient, block: number): Promise<void> {
  const { latest, breaks } = await until('the reconciliation', async () => {
    const found = await client.get<Reconciliation>('/v1/reconciliation');
    return found.latest && found.latest.blockNumber >= block ? found : undefined;
  });
  const verdict = `${breaks.length} breaks`;
  say(
    `Reconciliation: ${breaks.length === 0 ? paint.good(verdict) : paint.bad(verdict)} between ledger and chain, ${latest?.accountsChecked} accounts, block ${latest?.blockNumber}`,
  );
  if (breaks.length > 0) throw new Error(`The books do not agree with the chain: ${JSON.stringify(breaks)}`);
}
