import type { Database } from '../../services/platform/database.ts';

/** Changes rows as only somebody with the database's keys can: no trigger and no foreign key speaks. */
export async function tamper(database: Database, sql: string): Promise<void> {
  const client = await database.connect();
  try {
    await client.query(`set session_replication_role = replica; ${sql}`);
  } finally {
    await client.query('reset session_replication_role');
    client.release();
  }
}
