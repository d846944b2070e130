/** Which release a schema belongs to: one that a newer release has migrated is no place for an older one to write. */
import { readdir } from 'node:fs/promises';
import { ConfigError } from './config.ts';
import type { Database } from './database.ts';

/** A running process looks so often whether a newer release has migrated its schema. */
const WATCH_MS = 2_000;

/** The numbered SQL files of a folder, in their order. */
export async function migrationFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
}

/** @throws ConfigError when a migration was applied that this release does not have. */
export function refuseNewer(schema: string, applied: readonly string[], known: readonly string[]): void {
  const [unknown] = applied.filter((name) => !known.includes(name)).sort();
  if (!unknown) return;
  throw new ConfigError(
    `The database's schema "${schema}" is of a newer release: it has migration ${unknown}, this release knows those up to ${known.at(-1)}. This process changes nothing in it. Start the newer release, or restore a backup from before it was started.`,
  );
}

/**
 * Returns how to look again while the process runs; it asks the database at most every two seconds. What an older process
 * writes until then a newer schema either takes or refuses as a whole.
 * @returns a function that throws a ConfigError once a newer release has migrated the schema
 */
export async function watchSchema(
  database: Database,
  schema: string,
  folder: string,
): Promise<() => Promise<void>> {
  const known = await migrationFiles(folder);
  let lookedAt = performance.now();
  return async () => {
    if (performance.now() - lookedAt < WATCH_MS) return;
    const { rows } = await database.query<{ name: string }>(
      `select name from ${schema}.migrations where name <> all($1)`,
      [known],
    );
    refuseNewer(
      schema,
      rows.map(({ name }) => name),
      known,
    );
    lookedAt = performance.now();
  };
}
