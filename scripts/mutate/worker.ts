/** A process that compiles mutants and runs tests on them, one after the other, as scripts/mutate/workers.ts asks it to. */
import { type Bytecodes, type CompilerInput, compile, type Target } from './compiler.ts';
import type { Outcome } from './report.ts';
import { builtCode, runSuite, type SuiteResult, type TestFile } from './suite.ts';

export interface Task {
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

async function answer({ input, targets, testFiles }: Task): Promise<Answer> {
  const startedAt = performance.now();
  const end = (outcome: Answer['outcome'], result?: SuiteResult): Answer => ({
    outcome,
    ...result,
    seconds: (performance.now() - startedAt) / 1000,
    memoryBytes: process.memoryUsage.rss(),
  });
  const code = input ? compile(input, targets) : [];
  if (!code) return end('does not compile');
  if (input && (await isUnchanged(code, targets))) return end('same code');
  const result = await runSuite(
    testFiles,
    targets.map((target, index) => ({ ...target, ...(code[index] as Bytecodes) })),
  );
  if (!result.failure) return end('survived', result);
  return end(result.failure.timedOut ? 'timed out' : 'killed', result);
}

async function isUnchanged(code: readonly Bytecodes[], targets: readonly Target[]): Promise<boolean> {
  const built = await Promise.all(targets.map(builtCode));
  return code.every(({ bytecode }, index) => bytecode === built[index]);
}
