/**
 * Sends reports with this reporter's own key, one process a key. Nothing of it is stored: a report that was lost is due again in
 * the next round, and the hub takes none twice.
 */
import { type Address, BaseError, ExecutionRevertedError, type Hex, type PublicClient } from 'viem';
import type { Logger } from '../../../platform/log.ts';
import { type Fees, quoteFees, raiseFees, type Signer } from '../../../platform/signer.ts';
import type { OracleMetrics } from '../../metrics.ts';
import type { Items } from './row.ts';

/** A transaction that waits for so many blocks is replaced. */
const STUCK_BLOCKS = 3n;
/** Reports under way at once. */
const MOST_IN_FLIGHT = 4;
/** A quarter more each time: thirteen times the first price at the end. */
const MOST_RAISES = 12;

interface InFlight {
  kind: Items['kind'];
  nonce: number;
  hash: Hex;
  fees: Fees;
  sentAt: bigint;
}

export interface TransmitterParts {
  chain: PublicClient;
  chainId: number;
  hub: Address;
  signer: Signer;
  metrics: OracleMetrics;
  log: Logger;
}

export interface Transmitter {
  /**
   * Sends a call to the hub; what was stuck is replaced by it.
   * @returns `refused` when the hub would refuse it, `full` when nothing more can be sent before something is in a block or stuck
   */
  send(kind: Items['kind'], data: Hex, headNumber: bigint): Promise<'sent' | 'refused' | 'full'>;
  /** Looks what became of what was sent. */
  settle(): Promise<void>;
}

export function createTransmitter(parts: TransmitterParts): Transmitter {
  const { chain, chainId, hub, signer, metrics, log } = parts;
  let inFlight: InFlight[] = [];

  const nextNonce = () => chain.getTransactionCount({ address: signer.address, blockTag: 'latest' });
  const settle = async (): Promise<void> => {
    if (inFlight.length === 0) return;
    const next = await nextNonce();
    const mined = inFlight.filter(({ nonce }) => nonce < next);
    inFlight = inFlight.filter(({ nonce }) => nonce >= next);
    for (const { kind, hash } of mined) {
      // One that was replaced has no receipt; its replacement is counted.
      const receipt = await chain.getTransactionReceipt({ hash }).catch(() => undefined);
      if (!receipt) continue;
      metrics.report(kind, receipt.status === 'success' ? 'included' : 'reverted', receipt.gasUsed);
      log.info({ kind, hash, block: receipt.blockNumber, gasUsed: receipt.gasUsed }, 'report included');
    }
  };
  const estimate = async (kind: Items['kind'], data: Hex): Promise<bigint | undefined> => {
    try {
      const gas = await chain.estimateGas({ account: signer.address, to: hub, data });
      return (gas * 5n) / 4n + 50_000n; // a new set of reporters may take over in between
    } catch (error) {
      const isRefused =
        error instanceof BaseError && error.walk((cause) => cause instanceof ExecutionRevertedError);
      if (!isRefused) throw error;
      metrics.report(kind, 'refused');
      log.error({ err: error, kind }, 'the hub would refuse the report; it is not sent');
      return undefined;
    }
  };
  /** What was sent before a restart has fees that nobody remembers: they are raised until the node takes it. */
  const broadcast = async (nonce: number, data: Hex, gas: bigint, first: Fees) => {
    let fees = first;
    for (let raises = 0; ; raises++) {
      const { raw, hash } = await signer.sign({ chainId, nonce, to: hub, data, gas, ...fees });
      try {
        await chain.sendRawTransaction({ serializedTransaction: raw });
        return { hash, fees };
      } catch (error) {
        if (isKnown(error)) return { hash, fees };
        if (raises === MOST_RAISES || !isUnderpriced(error)) throw error;
        fees = raiseFees(fees, first);
      }
    }
  };
  return {
    settle,
    async send(kind, data, headNumber) {
      await settle();
      const [oldest] = inFlight;
      const next = await nextNonce();
      // A reorganisation has undone one that was in a block, and no node has it any more: the others wait for its nonce.
      const isMissing = oldest !== undefined && oldest.nonce > next;
      const isStuck = !isMissing && oldest !== undefined && headNumber - oldest.sentAt >= STUCK_BLOCKS;
      if (!isMissing && !isStuck && inFlight.length >= MOST_IN_FLIGHT) return 'full';
      const gas = await estimate(kind, data);
      if (gas === undefined) return 'refused';
      const { baseFeePerGas } = await chain.getBlock();
      const quoted = await quoteFees(chain, baseFeePerGas ?? 0n);
      const last = inFlight.at(-1);
      const nonce = isMissing || !last ? next : isStuck ? oldest.nonce : last.nonce + 1;
      const wanted = isStuck ? raiseFees(oldest.fees, quoted) : quoted;
      const { hash, fees } = await broadcast(nonce, data, gas, wanted);
      inFlight = [
        ...inFlight.filter((one) => one.nonce !== nonce),
        { kind, nonce, hash, fees, sentAt: headNumber },
      ];
      inFlight.sort((a, b) => a.nonce - b.nonce);
      metrics.report(kind, isStuck ? 'replaced' : 'sent');
      return 'sent';
    },
  };
}

function isUnderpriced(error: unknown): boolean {
  return /underpriced|too low to replace/i.test(detailsOf(error));
}

/** The node has these very bytes. */
function isKnown(error: unknown): boolean {
  return /already known|known transaction/i.test(detailsOf(error));
}

function detailsOf(error: unknown): string {
  return error instanceof BaseError ? `${error.shortMessage} ${error.details}` : '';
}
