/** A process that compiles mutants and runs tests on them, one after the other, as scripts/mutate/workers.ts asks it to. */
import { type Bytecodes, type CompilerInput, compile, type Target } from './compiler.ts';
import type { Outcome } from './report.ts';
import { builtCode, runSuite, type SuiteResult, type TestFile } from './suite.ts';

export interface Task {
  /** Run in turn, up to the first failure: what comes later is not even compiled before. */
  stages: Stage[];
}

export interface Stage {
  /** What to compile; nothing when the contracts are to be tested as they are built. */
  input?: CompilerInput;
  /** The contracts of which the mutated source is a part. */
  targets: Target[];
  testFiles: TestFile[];
}

export interface Answer extends Partial<SuiteResult> {
  outcome: Outcome;
  seconds: number;
  memoryBytes: number;
}

process.on('message', (task: Task) => {
  void answer(task).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
// Ctrl-C is the parent's affair, which ends this process; and so does its own end.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

async function answer({ stages }: Task): Promise<Answer> {
  const startedAt = performance.now();
  const end = (outcome: Answer['outcome'], result?: SuiteResult): Answer => ({
    outcome,
    ...result,
    seconds: (performance.now() - startedAt) / 1000,
    memoryBytes: process.memoryUsage.rss(),
  });
  const compiled: (Target & Bytecodes)[] = [];
  let passed: SuiteResult | undefined;
  for (const { input, targets, testFiles } of stages) {
    if (input) {
      const missing = targets.filter((target) => !compiled.some((one) => isSame(one, target)));
      const code = compile(input, missing);
      if (!code) return end('does not compile');
      compiled.push(...missing.map((target, index) => ({ ...target, ...(code[index] as Bytecodes) })));
      const own = compiled.filter((one) => targets.some((target) => isSame(one, target)));
      if (await isUnchanged(own)) continue;
    }
    passed = await runSuite(testFiles, compiled);
    if (passed.failure) return end(passed.failure.timedOut ? 'timed out' : 'killed', passed);
  }
  return passed ? end('survived', passed) : end('same code');
}

function isSame(one: Target, other: Target): boolean {
  return one.source === other.source && one.name === other.name;
}

async function isUnchanged(code: readonly (Target & Bytecodes)[]): Promise<boolean> {
  const built = await Promise.all(code.map(builtCode));
  return code.every(({ bytecode }, index) => bytecode === built[index]);
}
