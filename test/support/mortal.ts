/** Processes that die in a test, as far as the database can tell. */
import type { Database } from '../../services/platform/database.ts';

/** What everything in a dead process ends with. */
export class Died extends Error {}

/** A database whose process dies at its n-th commit; from then on nothing of it reaches the database. */
export function mortal(database: Database, dyingCommit: number, moment: 'before' | 'after') {
  let commits = 0;
  let isDead = false;
  const guarded = <Target extends object>(target: Target): Target =>
    new Proxy(target, {
      get(_, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name === 'connect') return async () => guarded(await value.call(target));
        if (name !== 'query') return value.bind(target);
        return async (...args: unknown[]) => {
          if (args[0] === 'rollback') return value.apply(target, args);
          if (isDead) throw new Died();
          if (args[0] !== 'commit') return value.apply(target, args);
          isDead = ++commits === dyingCommit;
          if (isDead && moment === 'before') throw new Died();
          const result = await value.apply(target, args);
          if (isDead) throw new Died();
          return result;
        };
      },
    });
  return { database: guarded(database), hasDied: () => isDead };
}
