/** What a process knows of a lane, told in the log when it changes and in the metrics all the time. */
import { SignerError } from '../../../platform/signer.ts';
import { LaneLost } from './lease.ts';

/**
 * `ready`: it takes batches. `checking`: its holder has not looked yet. `standby`: another process has it. Everything
 * else pauses it: what is under way is looked after as far as that goes, nothing new is signed (but calls by `not_operator`).
 */
export const laneStates = [
  'ready',
  'checking',
  'standby',
  'not_operator',
  'unfunded',
  'nodes_disagree',
  'chain_replaced',
  'failing',
  'signer_unavailable',
  'signer_refused',
  'signer_garbage',
  'signer_mismatch',
] as const;
export type LaneState = (typeof laneStates)[number];

/** A lane's state, and for a pause what was found, what was expected and what to do. */
export interface LaneFinding {
  state: LaneState;
  sentence?: string;
}

/** What a round that failed says about its lane. */
export function findingOf(error: unknown): LaneFinding {
  if (error instanceof LaneLost) return { state: 'standby' };
  if (error instanceof SignerError) return { state: error.code, sentence: error.message };
  const reason = (error as Error).message.split('\n')[0];
  return {
    state: 'failing',
    sentence: `The node or the database did not do what was asked (${reason}). It is tried again.`,
  };
}
