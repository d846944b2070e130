/** A database that is away, full or does not take writes: what that is called, and what a person can do. */

export interface DatabaseTrouble {
  code: 'database_full' | 'database_read_only' | 'database_overloaded' | 'database_away';
  /** With the server's own words. It ends by itself once the cause has ended. */
  sentence: string;
}

/** SQLSTATE (PostgreSQL's appendix A) and system errors that say nothing against the query. */
const FULL = /^(53100|58030)$/;
const READ_ONLY = /^25006$/;
const OVERLOADED = /^53...$/;
const AWAY = /^(08...|57P0[1234]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;
/** pg has no code for these. */
const AWAY_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

const remedies: [RegExp, DatabaseTrouble['code'], string][] = [
  [FULL, 'database_full', 'has no room to write. Free room on its disk, or give it more'],
  [READ_ONLY, 'database_read_only', 'takes no writes. Point DATABASE_URL to the primary server'],
  [
    OVERLOADED,
    'database_overloaded',
    "has no connections or memory left. Raise its max_connections or the role's limit, or run fewer processes",
  ],
  [AWAY, 'database_away', 'does not answer. Start it, or restore the connection to it'],
];

/** Undefined when the database did what it should: the error is somebody else's, or the query was wrong. */
export function databaseTrouble(error: unknown): DatabaseTrouble | undefined {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  const found =
    typeof code === 'string'
      ? remedies.find(([pattern]) => pattern.test(code))
      : AWAY_MESSAGE.test(message)
        ? remedies.at(-1)
        : undefined;
  if (!found) return undefined;
  const [, trouble, remedy] = found;
  return {
    code: trouble,
    sentence: `The database ${remedy}; work goes on by itself then. What was under way was undone as a whole (${message || code}).`,
  };
}
