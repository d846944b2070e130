/** What Hardhat tells of a suite of Solidity tests, as far as it is counted here. */
export interface SuiteResult {
  testResults: { status: string; kind: { runs?: bigint; calls?: bigint } }[];
}

export interface Counts {
  tests: number;
  /** Of fuzz tests an input each, of invariants a sequence of calls each. */
  runs: bigint;
  /** What the sequences of the invariants called. */
  calls: bigint;
  failures: number;
}

/** Sums of suites; what is neither fuzz test nor invariant has no runs. */
export function countsOf(suites: readonly SuiteResult[]): Counts {
  const results = suites.flatMap(({ testResults }) => testResults);
  const sum = (key: 'runs' | 'calls') => results.reduce((total, { kind }) => total + (kind[key] ?? 0n), 0n);
  return {
    tests: results.length,
    runs: sum('runs'),
    calls: sum('calls'),
    failures: results.filter(({ status }) => status === 'Failure').length,
  };
}
