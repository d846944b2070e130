import type { Span } from './blockReader.ts';
import type { BlockReference } from './chainNode.ts';
import { NodeInconsistent } from './errors.ts';

/** So many events make a step, however few blocks they are in: it bounds the memory on a busy chain. */
const EVENTS = 20_000;

/** What one commit takes in. */
export interface Step extends Span {
  /** The block to build upon. */
  base: BlockReference;
}

/**
 * Joins spans to steps of at most `rangeBlocks` blocks or so, each upon the one before.
 * @param atLeast The first step comes at least as far: a branch is replaced as a whole, and the head's number never falls.
 * @throws NodeInconsistent when a span is not upon the one before.
 */
export async function* stepsOf(
  spans: AsyncIterable<Span>,
  base: BlockReference,
  rangeBlocks: number,
  atLeast: bigint,
): AsyncGenerator<Step, void> {
  let step: Step = { base, headers: [], events: [] };
  let head = base;
  for await (const { headers, events } of spans) {
    const [first] = headers;
    if (first?.parentHash !== head.hash)
      throw new NodeInconsistent(
        `Block ${first?.number} has the parent ${first?.parentHash}, and block ${head.number} is ${head.hash}: the node changed its branch.`,
      );
    head = headers.at(-1) ?? head;
    step.headers.push(...headers);
    step.events.push(...events);
    if (head.number < atLeast || (step.headers.length < rangeBlocks && step.events.length < EVENTS)) continue;
    yield step;
    step = { base: head, headers: [], events: [] };
  }
  if (step.headers.length > 0) yield step;
}
