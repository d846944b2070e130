import path from 'node:path';
import { ConfigError } from '../../services/platform/config.ts';
import type { Target } from './compiler.ts';
import { apply, type Mutant } from './mutants.ts';
import { type Project, testFilesOf } from './project.ts';
import type { Stage, Task } from './worker.ts';
import { TASK_LIMIT_SECONDS, type Worker } from './workers.ts';

/** How much longer than its whole file takes without a mutation a test may take, and for other load of the machine. */
const LIMIT_FACTOR = 5;
const EXTRA_SECONDS = 20;

/** What the tests did without any mutation. */
interface Measured {
  seconds: number;
  /** The contracts that the file's tests deployed. */
  deployed: Target[];
}

export interface Tests {
  /** What to compile and run for a mutant; undefined when no test of its domain deploys a contract with it. */
  taskOf(mutant: Mutant): Task | undefined;
  /** Remembers which file killed a mutant: it comes first for the next one of the same function. */
  killed(mutant: Mutant, file: string): void;
}

/**
 * Runs every test file of the mutants' domains as it is.
 * @throws {ConfigError} when one of them fails: there would be nothing to compare with.
 */
export async function measureTests(
  project: Project,
  mutants: readonly Mutant[],
  worker: Worker,
): Promise<Tests> {
  const filesOf = new Map(
    [...new Set(mutants.map(({ source }) => source))].map((source) => [source, testFilesOf(source, project)]),
  );
  const measured = new Map<string, Measured>();
  for (const file of new Set([...filesOf.values()].flat())) {
    const alone = [{ file, testLimitMs: TASK_LIMIT_SECONDS * 1000 }];
    const answer = await worker.run({ stages: [{ targets: [], testFiles: alone }] });
    const { failure, deployed = [], seconds = 0 } = answer ?? { failure: { title: 'it does not end' } };
    if (failure)
      throw new ConfigError(`${file} fails without any mutation: ${failure.title}. Mend that first.`);
    measured.set(file, { seconds, deployed });
  }
  const kills = new Map<string, number>();

  return {
    taskOf(mutant) {
      const { source } = mutant;
      const affected = ({ source: deployed }: Target) => project.needs.get(deployed)?.has(source) ?? false;
      const files = (filesOf.get(source) ?? []).filter((file) => measured.get(file)?.deployed.some(affected));
      if (files.length === 0) return undefined;
      const targetsOf = (own: readonly string[]) => [
        ...new Map(
          own
            .flatMap((file) => measured.get(file)?.deployed.filter(affected) ?? [])
            .map((target) => [`${target.source}:${target.name}`, target]),
        ).values(),
      ];
      const promise = (file: string) =>
        1e6 * (kills.get(`${file} ${mutant.contract}.${mutant.member}`) ?? 0) +
        1e3 * (file.includes(`/${mutant.contract}.`) ? 1 : 0) +
        (kills.get(`${file} ${mutant.contract}`) ?? 0);
      const seconds = (file: string) => measured.get(file)?.seconds ?? 0;
      const inOrder = files.toSorted((a, b) => promise(b) - promise(a) || seconds(a) - seconds(b));
      // Compiling takes longer than most tests do: a domain's contracts wait until those of the domains before have not killed.
      const stages = [...Map.groupBy(inOrder, (file) => path.dirname(file)).values()].map((own): Stage => {
        const targets = targetsOf(own);
        return {
          input: { sources: mutatedSources(project, mutant, targets), settings: project.settings },
          targets,
          testFiles: own.map((file) => ({ file, testLimitMs: testLimitMs(measured.get(file)) })),
        };
      });
      return { stages };
    },
    killed({ contract, member }, file) {
      for (const key of [`${file} ${contract}.${member}`, `${file} ${contract}`]) {
        kills.set(key, (kills.get(key) ?? 0) + 1);
      }
    },
  };
}

function testLimitMs({ seconds = 0 }: Partial<Measured> = {}): number {
  return 1000 * (LIMIT_FACTOR * seconds + EXTRA_SECONDS);
}

/** What the targets need and no more, so that little is compiled. */
function mutatedSources({ sources, needs }: Project, { source, change }: Mutant, targets: readonly Target[]) {
  const needed = new Set(targets.flatMap((target) => [...(needs.get(target.source) ?? [])]));
  return Object.fromEntries(
    [...needed].map((name) => {
      const content = sources[name]?.content ?? '';
      return [name, { content: name === source ? apply(content, change) : content }];
    }),
  );
}
