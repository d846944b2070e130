/**
 * One writer a chain. The lease is a PostgreSQL advisory lock of a session, and every write goes through that very
 * session: whoever has lost the lease has lost the connection, and with it the means to write.
 */
import type { Database, Transaction } from '../platform/database.ts';

export interface Writer {
  /** True once the connection is gone, and with it the lease. */
  isLost(): boolean;
  /** Runs `work` in one transaction on the lease's own session. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Gives the lease up, so that a standby takes over at once. */
  release(): void;
}

/** Takes the lease of a chain; undefined when another process has it. */
export async function takeWriterLease(database: Database, chainId: number): Promise<Writer | undefined> {
  const client = await database.connect();
  let lost = false;
  let released = false;
  const onError = () => {
    lost = true;
  };
  client.on('error', onError);
  const release = () => {
    if (!released) client.release(true); // ends the session, and with it the lock
    lost = released = true;
  };
  try {
    const { rows } = await client.query<{ taken: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('indexer writer ' || $1::text, 0)) as taken`,
      [chainId],
    );
    if (!rows[0]?.taken) {
      client.off('error', onError);
      client.release();
      return undefined;
    }
    // A holder whose machine vanished without a word is noticed within half a minute instead of hours.
    await client.query(
      'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4',
    );
  } catch (error) {
    release();
    throw error;
  }
  return {
    isLost: () => lost,
    release,
    async transaction(work) {
      try {
        await client.query('begin');
        const result = await work(client);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => {
          lost = true;
        });
        throw error;
      }
    },
  };
}
