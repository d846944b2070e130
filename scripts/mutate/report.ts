import type { Mutant } from './mutants.ts';
import { pathOf } from './project.ts';

export type Outcome = 'killed' | 'survived' | 'timed out' | 'does not compile' | 'same code';

export interface Result {
  mutant: Mutant;
  outcome: Outcome;
}

/** Why a mutant cannot be killed, by what stays when lines move. */
export interface Explanation {
  contract: string;
  member: string;
  original: string;
  mutated: string;
  why: string;
}

export interface Row {
  contract: string;
  mutants: number;
  killed: number;
  survived: number;
  /** Of the survivors, those that somebody has explained. */
  explained: number;
  timedOut: number;
  /** Percent of the mutants that did not survive, rounded down to a tenth. */
  score: number;
}

export interface Survivor extends Mutant {
  /** Undefined when nobody has explained it. */
  why?: string;
}

export interface Report {
  rows: Row[];
  total: Row;
  /** Not counted. */
  notCompiled: number;
  sameCode: number;
  survivors: Survivor[];
  /** Explanations of mutants that were killed, or that are no mutants any more. */
  stale: Explanation[];
  /** What keeps the run from being a success. */
  faults: string[];
}

export const REQUIRED_SCORE = 95;

/** @param mutants all of the chosen contracts, also those that were not in the sample. */
export function reportOf(
  results: readonly Result[],
  mutants: readonly Mutant[],
  explanations: readonly Explanation[],
): Report {
  const counted = results.filter(({ outcome }) => outcome !== 'does not compile' && outcome !== 'same code');
  const why = new Map(explanations.map((one) => [keyOf(one), one.why]));
  const isExplained = (mutant: Mutant) => why.has(keyOf(mutant));
  const rows = [...Map.groupBy(counted, ({ mutant }) => mutant.contract)]
    .map(([contract, own]) => rowOf(contract, own, isExplained))
    .sort((a, b) => (a.contract < b.contract ? -1 : 1));
  const total = rowOf('all', counted, isExplained);
  const survivors = counted
    .filter(({ outcome }) => outcome === 'survived')
    .map(({ mutant }): Survivor => {
      const explained = why.get(keyOf(mutant));
      return explained === undefined ? mutant : { ...mutant, why: explained };
    })
    .sort((a, b) => (a.source === b.source ? a.change.start - b.change.start : a.source < b.source ? -1 : 1));
  const stale = staleOf(explanations, results, mutants);
  const unexplained = survivors.filter(({ why }) => why === undefined).length;
  const faults = [
    ...(total.score < REQUIRED_SCORE ? [`The score is ${total.score} %, expected ${REQUIRED_SCORE} %.`] : []),
    ...(unexplained > 0
      ? [
          `${unexplained} survivors have no explanation: write a test, or why there can be none in scripts/mutate/explained.json.`,
        ]
      : []),
    ...(stale.length > 0 ? [`${stale.length} explanations explain no survivor: remove them.`] : []),
  ];
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  return {
    rows,
    total,
    notCompiled: count('does not compile'),
    sameCode: count('same code'),
    survivors,
    stale,
    faults,
  };
}

function rowOf(contract: string, results: readonly Result[], isExplained: (mutant: Mutant) => boolean): Row {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  const survived = count('survived');
  const score =
    results.length === 0 ? 100 : Math.floor((1000 * (results.length - survived)) / results.length) / 10;
  return {
    contract,
    mutants: results.length,
    killed: count('killed'),
    survived,
    explained: results.filter(({ outcome, mutant }) => outcome === 'survived' && isExplained(mutant)).length,
    timedOut: count('timed out'),
    score,
  };
}

/** Several mutants may share an explanation: it is stale when none of them survived and one was tried, or when there are none. */
function staleOf(
  explanations: readonly Explanation[],
  results: readonly Result[],
  mutants: readonly Mutant[],
): Explanation[] {
  const contracts = new Set(mutants.map(({ contract }) => contract));
  const known = new Set(mutants.map(keyOf));
  const outcomes = Map.groupBy(results, ({ mutant }) => keyOf(mutant));
  return explanations.filter((explanation) => {
    const tried = outcomes.get(keyOf(explanation)) ?? [];
    if (!contracts.has(explanation.contract)) return false;
    return (
      !known.has(keyOf(explanation)) ||
      (tried.length > 0 && tried.every(({ outcome }) => outcome !== 'survived'))
    );
  });
}

function keyOf({ contract, member, original, mutated }: Omit<Explanation, 'why'>): string {
  return JSON.stringify([contract, member, original, mutated]);
}

export function markdownOf(report: Report, command: string): string {
  const rows = [...report.rows, report.total];
  return [
    '# Mutation score',
    '',
    `\`${command}\``,
    '',
    '| contract | mutants | killed | timed out | survived | of these explained | score |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(
      (row) =>
        `| ${row.contract} | ${row.mutants} | ${row.killed} | ${row.timedOut} | ${row.survived} | ${row.explained} | ${row.score} % |`,
    ),
    '',
    `Not counted: ${report.sameCode} that compile to the same code, ${report.notCompiled} that do not compile.`,
    '',
    '## Survivors',
    '',
    ...(report.survivors.length === 0 ? ['None.', ''] : report.survivors.flatMap(survivorLines)),
    ...(report.stale.length === 0
      ? []
      : ['## Explanations of no survivor', '', ...report.stale.flatMap(staleLines)]),
    ...report.faults,
    '',
  ].join('\n');
}

function survivorLines({ source, line, contract, member, kind, original, mutated, why }: Survivor): string[] {
  return [
    `${pathOf(source)}:${line} ${contract}.${member}, ${kind}`,
    '',
    '```diff',
    `- ${original}`,
    `+ ${mutated}`,
    '```',
    '',
    why ?? '**Not explained.**',
    '',
  ];
}

function staleLines({ contract, member, original, mutated }: Explanation): string[] {
  return [`${contract}.${member}`, '', '```diff', `- ${original}`, `+ ${mutated}`, '```', ''];
}
