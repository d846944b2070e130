import { pathOf } from './project.ts';
import type { Result } from './report.ts';

const EVERY_MS = 10_000;

/** Says on standard error now and then how far the run is: it is no part of what the command prints. */
export function createProgress(size: number): { add(result: Result): void; end(): void } {
  const startedAt = performance.now();
  const [counts, skipped] = [{ done: 0, survived: 0 }, { count: 0 }];
  const show = () => {
    const { done, survived } = counts;
    const minutesLeft = ((performance.now() - startedAt) / done / 60_000) * Math.max(0, size - done);
    const score = ((100 * (done - survived)) / done).toFixed(1);
    const left = Number.isFinite(minutesLeft) ? `about ${Math.ceil(minutesLeft)} min left` : '';
    if (done > 0)
      process.stderr.write(
        `${done}/${size} mutants, ${score} % killed, ${skipped.count} not counted, ${left}\n`,
      );
  };
  const timer = setInterval(show, EVERY_MS);
  timer.unref();
  return {
    add({ outcome, mutant }) {
      if (outcome === 'does not compile' || outcome === 'same code') skipped.count++;
      else counts.done++;
      if (outcome !== 'survived') return;
      counts.survived++;
      process.stderr.write(
        `survived: ${pathOf(mutant.source)}:${mutant.line} ${mutant.original} => ${mutant.mutated}\n`,
      );
    },
    end() {
      clearInterval(timer);
      show();
    },
  };
}
