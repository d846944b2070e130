/** Reads blocks ahead of whoever writes them: several spans at once, handed over in the order of the chain. */
import { RpcError } from '../platform/jsonRpc.ts';
import type { LogReader } from './blockLogs.ts';
import type { ChainNode, Header } from './chainNode.ts';
import { type ContractEvent, readEvent, type WatchedContracts } from './contractEvents.ts';
import { paymentsOf } from './domains/payments/settledBatch.ts';

/** How many spans are in memory while they are read. */
const AHEAD = 3;
/** A span is made longer or shorter so that about so many events are in it, to bound the memory on a busy chain. */
const EVENTS = 2_000;
const FIRST_SPAN = 20;

/** Consecutive blocks, and the events of our contracts in them. */
export interface Span {
  headers: Header[];
  events: ContractEvent[];
}

export interface BlockReader {
  /**
   * The blocks from `from` to `to`; `latest` is not asked for again. What is not taken any more is dropped.
   * @throws NodeInconsistent when they do not fit together, RpcError when the node does not give a single block.
   */
  spans(from: bigint, to: bigint, latest: Header): AsyncGenerator<Span, void>;
}

/** Nodes limit what one answer may hold, each in its own way: the node is there, but this was too much for it. */
const refusals = ['rpc_refused', 'rpc_timeout', 'rpc_too_large'];

export function createBlockReader(
  node: ChainNode,
  logs: LogReader,
  contracts: WatchedContracts,
  longestSpan: number,
): BlockReader {
  let length = Math.min(FIRST_SPAN, longestSpan);

  const read = async (from: bigint, to: bigint, latest: Header): Promise<Span> => {
    try {
      const headers = from === latest.number ? [latest] : await node.headerRange(from, to);
      const events = await readEvents(logs, contracts, headers);
      const fitting = Math.ceil((headers.length * EVENTS) / Math.max(1, events.length));
      length = Math.max(1, Math.min(longestSpan, fitting, length + Math.ceil(length / 4)));
      return { headers, events };
    } catch (error) {
      if (from === to || !(error instanceof RpcError) || !refusals.includes(error.code)) throw error;
      const middle = (from + to) / 2n;
      length = Math.max(1, Number(to - from) >> 1);
      const [first, second] = [await read(from, middle, latest), await read(middle + 1n, to, latest)];
      return {
        headers: [...first.headers, ...second.headers],
        events: [...first.events, ...second.events],
      };
    }
  };
  return {
    async *spans(from, to, latest) {
      const reading: Promise<Span>[] = [];
      for (let next = from; next <= to || reading.length > 0; ) {
        while (next <= to && reading.length < AHEAD) {
          const longest = next + BigInt(length) - 1n;
          const last = longest < to ? longest : to;
          const span = read(next, last, latest);
          span.catch(() => undefined); // whoever takes it hears of it; nobody may take it any more
          reading.push(span);
          next = last + 1n;
        }
        yield (await reading.shift()) as Span;
      }
    },
  };
}

/** Events in the order of the chain. A block with a batch that its events do not prove is read again, proven. */
async function readEvents(
  logs: LogReader,
  contracts: WatchedContracts,
  headers: Header[],
): Promise<ContractEvent[]> {
  const events = (await logs.logsOf(headers)).map((log) => readEvent(contracts, log));
  const doubtful = new Set(paymentsOf(contracts, events).unproven.map(({ batch }) => batch.blockNumber));
  if (doubtful.size === 0) return events;
  const again = await logs.provenLogsOf(headers.filter(({ number }) => doubtful.has(number)));
  return [
    ...events.filter(({ blockNumber }) => !doubtful.has(blockNumber)),
    ...again.map((log) => readEvent(contracts, log)),
  ].sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
}
