/** One value out of several sources: what a reporter says is the median of those of its own that agree. */

export interface Answer {
  source: string;
  units: bigint;
}

interface Rule {
  /** How far from the median a source may be: the wider of the two. */
  spreadUnits: bigint;
  spreadBps: number;
  minimumSources: number;
  /** The value on chain, and how far from it is a jump. */
  last?: { units: bigint; jumpBps: number } | undefined;
}

export interface Agreement {
  /** Undefined when too few agree. */
  units: bigint | undefined;
  /** Sources whose answers do not count. */
  outliers: string[];
}

/**
 * The median of the answers that agree; of an even number the lower of the two in the middle, so that a source said it.
 *
 * 1. An answer that jumps away from the value on chain is an outlier when no other source is near it (of several answers; one
 *    source alone has nobody beside it, and the other reporters are its guard).
 * 2. What is further from the median of the rest than the spread is an outlier.
 * 3. What is left counts when it is at least `minimumSources`, and more than half of what rule 1 left.
 */
export function agree(answers: readonly Answer[], rule: Rule): Agreement {
  const within = (a: bigint, b: bigint) => distance(a, b) <= spreadAround(b, rule);
  const isAlone = (one: Answer) =>
    !answers.some(
      (other) => other !== one && (within(one.units, other.units) || within(other.units, one.units)),
    );
  const jumps = ({ units }: Answer) =>
    rule.last !== undefined &&
    distance(units, rule.last.units) * 10_000n > absolute(rule.last.units) * BigInt(rule.last.jumpBps);
  const steady = answers.filter((answer) => answers.length === 1 || !(jumps(answer) && isAlone(answer)));
  const middle = medianOf(steady);
  const agreed = middle === undefined ? [] : steady.filter(({ units }) => within(units, middle));
  const isEnough = agreed.length >= rule.minimumSources && 2 * agreed.length > steady.length;
  return {
    units: isEnough ? medianOf(agreed) : undefined,
    outliers: answers.filter((answer) => !agreed.includes(answer)).map(({ source }) => source),
  };
}

function medianOf(answers: readonly Answer[]): bigint | undefined {
  const sorted = answers.map(({ units }) => units).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function spreadAround(units: bigint, { spreadUnits, spreadBps }: Rule): bigint {
  const relative = (absolute(units) * BigInt(spreadBps)) / 10_000n;
  return relative > spreadUnits ? relative : spreadUnits;
}

const absolute = (units: bigint) => (units < 0n ? -units : units);
const distance = (a: bigint, b: bigint) => absolute(a - b);
