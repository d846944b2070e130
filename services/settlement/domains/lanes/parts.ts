import type { Address, PublicClient } from 'viem';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import type { Database } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/log.ts';
import type { Fees, Signer } from '../../../platform/signer.ts';
import type { Lifecycle } from '../payments/lifecycle.ts';
import type { CallListeners } from './calls.ts';
import type { LaneState } from './laneState.ts';

/** What a lane is made of. */
export interface LaneParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  router: Address;
  signer: Signer;
  lifecycle: Lifecycle;
  /** The domains whose calls it carries. */
  callListeners?: CallListeners;
  /** Of the gas of a block, in percent, so much may one batch have. */
  batchGasPercent: number;
  log: Logger;
  /** Asked before anything is signed. */
  witness?: ChainWitness;
  /** Told of what there is to see of the lane; for metrics. */
  observe?: LaneObserver;
  /** Set when the process is to end: what is under way is finished, nothing new is begun. */
  stopping?: AbortSignal;
}

export interface LaneObserver {
  onLaneState(signer: Address, state: LaneState): void;
  /** How many nonces are under way. */
  onLaneDepth(signer: Address, depth: number): void;
  /** So many nonces were used on the chain that the lane had not taken. */
  onForeignNonces(signer: Address, count: number): void;
}

/** The chain as the lane sees it at the beginning of a round. */
export interface ChainView {
  headNumber: bigint;
  /** What a new transaction should pay. */
  fees: Fees;
  baseFeePerGas: bigint;
  blockGasLimit: bigint;
  /** Highest block that is final and indexed. */
  finalNumber: bigint;
  /** The signer's next nonce as of the head: all below are used, unless a reorganisation takes them back. */
  latestNonce: number;
  /** The signer's next nonce as of the final block: all below are used for good. */
  finalNonce: number;
  /** What the signer can pay with, in wei, as of the head. */
  balance: bigint;
}
