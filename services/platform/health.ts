/** What keeps the parts of a process from their work: in the log once, in the metrics all the time, and in readiness. */
import { BaseError } from 'viem';
import { databaseTrouble } from './databaseTrouble.ts';
import type { Logger } from './log.ts';
import { Gauge, type Registry } from './metrics.ts';

export interface Health {
  /** The part could not do its work and tries again. Each change of the reason is one line of the log. */
  failed(part: string, error: unknown): void;
  /** The part did its work. */
  worked(part: string): void;
  /** Rejects with a sentence while a part that was told of cannot use the database. */
  ready(): Promise<void>;
}

interface Trouble {
  code: string;
  sentence: string;
  isOfDatabase: boolean;
}

const known = new WeakMap<Registry, Health>();

/** The health of the process that these metrics are of; the same one whenever it is asked. */
export function healthOf({ metrics, log }: { metrics: Registry; log: Logger }): Health {
  const health = known.get(metrics) ?? createHealth(metrics, log);
  known.set(metrics, health);
  return health;
}

function createHealth(registry: Registry, log: Logger): Health {
  const failing = new Gauge({
    name: 'part_failing',
    help: '1 while the part of the process tries again in vain, by reason',
    labelNames: ['part', 'reason'],
    registers: [registry],
  });
  const troubles = new Map<string, Trouble>();
  const end = (part: string) => {
    const before = troubles.get(part);
    if (before) failing.set({ part, reason: before.code }, 0);
    troubles.delete(part);
    return before?.code;
  };
  return {
    failed(part, error) {
      const trouble = troubleOf(error);
      if (troubles.get(part)?.code !== trouble.code) {
        end(part);
        failing.set({ part, reason: trouble.code }, 1);
        const fields = { part, reason: trouble.code };
        if (trouble.code === 'unexpected') log.error({ ...fields, err: error }, trouble.sentence);
        else log.error(fields, trouble.sentence);
      }
      troubles.set(part, trouble);
    },
    worked(part) {
      const was = end(part);
      if (was) log.info({ part, was }, 'it goes on');
    },
    async ready() {
      const trouble = [...troubles.values()].find(({ isOfDatabase }) => isOfDatabase);
      if (trouble) throw new Error(trouble.sentence);
    },
  };
}

/** What is known of an error, as a sentence for a person; undefined when nobody expected it. */
export function sentenceOf(error: unknown): string | undefined {
  const { code, sentence } = troubleOf(error);
  return code === 'unexpected' ? undefined : sentence;
}

function troubleOf(error: unknown): Trouble {
  const ofDatabase = databaseTrouble(error);
  if (ofDatabase) return { ...ofDatabase, isOfDatabase: true };
  const isOfDatabase = false;
  const { code, message } = error as { code?: unknown; message: string };
  // Errors of our own have a code and a message that is a sentence.
  if (typeof code === 'string' && /^[a-z_]+$/.test(code)) return { code, sentence: message, isOfDatabase };
  if (error instanceof BaseError)
    return {
      code: 'node_failing',
      sentence: `The node does not do what it is asked (${error.shortMessage}). It is asked again until it does.`,
      isOfDatabase,
    };
  return { code: 'unexpected', sentence: 'this failed and is tried again', isOfDatabase };
}
