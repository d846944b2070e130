import { Counter, Gauge, type Registry } from '../platform/metrics.ts';
import type { RefusalCode } from './domains/sources/refusal.ts';

/** What one reporter tells of its sources, the other reporters and its feeds. */
export interface OracleMetrics {
  sourceAnswered(source: string, feed: string, observedAt: number): void;
  sourceRefused(source: string, feed: string, code: RefusalCode): void;
  /** In units of the feed; undefined when the sources do not agree. */
  observed(feed: string, units: bigint | undefined): void;
  /** As the chain has it; `observedAt` 0 when it has none. */
  onChain(feed: string, units: bigint, observedAt: number): void;
  roundBegun(round: number, reporterCount: number, isReporter: boolean): void;
  row(reporter: string, outcome: string): void;
  pushFailed(peer: string): void;
  report(
    kind: string,
    outcome: 'sent' | 'replaced' | 'refused' | 'included' | 'reverted',
    gasUsed?: bigint,
  ): void;
}

export function createOracleMetrics(registry: Registry): OracleMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const answers = counter('oracle_source_answers_total', 'Answers that were understood', ['source', 'feed']);
  const refused = counter('oracle_source_refused_total', 'Answers that do not count, and why', [
    'source',
    'feed',
    'code',
  ]);
  const sourceTime = gauge('oracle_source_observed_at_seconds', "Time of a source's last answer", [
    'source',
    'feed',
  ]);
  const own = gauge('oracle_observed_value', "This reporter's own value, in units of the feed", ['feed']);
  const isObserved = gauge('oracle_observed', '1 while the sources of this reporter agree on a value', [
    'feed',
  ]);
  const value = gauge('oracle_feed_value', 'Value on chain, in units of the feed', ['feed']);
  const valueTime = gauge(
    'oracle_feed_observed_at_seconds',
    'Time of the value on chain, 0 when it has none',
    ['feed'],
  );
  const round = gauge('oracle_round', 'The round that runs');
  const reporters = gauge('oracle_reporters', 'Reporters of the active set');
  const isReporter = gauge('oracle_is_reporter', '1 when this process is of the active set');
  const rows = counter('oracle_rows_total', 'Rows of reporters that came in, and what became of them', [
    'reporter',
    'outcome',
  ]);
  const pushes = counter('oracle_push_failures_total', 'Rows that could not be handed to a peer', ['peer']);
  const reports = counter('oracle_reports_total', 'Reports that this process transmitted', [
    'kind',
    'outcome',
  ]);
  const gas = counter('oracle_report_gas_total', 'Gas of the reports that this process transmitted', [
    'kind',
  ]);
  return {
    sourceAnswered(source, feed, observedAt) {
      answers.inc({ source, feed });
      sourceTime.set({ source, feed }, observedAt);
    },
    sourceRefused: (source, feed, code) => refused.inc({ source, feed, code }),
    observed(feed, units) {
      isObserved.set({ feed }, units === undefined ? 0 : 1);
      if (units !== undefined) own.set({ feed }, Number(units));
    },
    onChain(feed, units, observedAt) {
      value.set({ feed }, Number(units));
      valueTime.set({ feed }, observedAt);
    },
    roundBegun(begun, reporterCount, isOfSet) {
      round.set(begun);
      reporters.set(reporterCount);
      isReporter.set(isOfSet ? 1 : 0);
    },
    row: (reporter, outcome) => rows.inc({ reporter, outcome }),
    pushFailed: (peer) => pushes.inc({ peer }),
    report(kind, outcome, gasUsed) {
      reports.inc({ kind, outcome });
      if (gasUsed !== undefined) gas.inc({ kind }, Number(gasUsed));
    },
  };
}
