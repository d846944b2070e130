import type { Address, PublicClient } from 'viem';
import type { Database } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/log.ts';
import type { Fees, Signer } from '../../../platform/signer.ts';
import type { Lifecycle } from '../payments/lifecycle.ts';

/** What a lane is made of. */
export interface LaneParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  router: Address;
  signer: Signer;
  lifecycle: Lifecycle;
  log: Logger;
  /** Set when the process is to end: what is under way is finished, nothing new is begun. */
  stopping?: AbortSignal;
}

/** The chain as the lane sees it at the beginning of a round. */
export interface ChainView {
  headNumber: bigint;
  /** What a new transaction should pay. */
  fees: Fees;
  baseFeePerGas: bigint;
  /** Highest block that is final and indexed. */
  finalNumber: bigint;
  /** The signer's next nonce as of the head: all below are used, unless a reorganisation takes them back. */
  latestNonce: number;
  /** The signer's next nonce as of the final block: all below are used for good. */
  finalNonce: number;
}
