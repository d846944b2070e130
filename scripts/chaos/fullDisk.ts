/** A disk that is full, as whoever writes meets it: PostgreSQL refuses each statement that writes (53100), reads go on. */
import pg from 'pg';

const REFUSAL = `raise exception 'could not extend file "base/5/16384": No space left on device'
  using errcode = 'disk_full', hint = 'Check free disk space.'`;
const SCHEMAS = ['indexer', 'settlement'];

/** From now on every table refuses to be written, or takes it again. @param url of a role that owns the tables */
export async function setDiskFull(url: string, isFull: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'full disk' });
  await client.connect();
  try {
    await client.query('create schema if not exists disk');
    await client.query(
      `create or replace function disk.write() returns trigger language plpgsql as
       $$ begin ${isFull ? REFUSAL : 'return null'}; end $$`,
    );
    if (isFull) await watchTables(client);
  } finally {
    await client.end();
  }
}

/** Each table in a statement of its own: none waits for another's lock. */
async function watchTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = any($1) and c.relkind = 'r'
        and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'a_full_disk')`,
    [SCHEMAS],
  );
  for (const { name } of rows)
    await client.query(
      `create trigger a_full_disk before insert or update or delete on ${name}
         for each statement execute function disk.write()`,
    );
}
