import type { Refusal } from '../lanes/callSimulation.ts';

/** The contract's error as a code of the API: `EscrowIsNotOpen` is `escrow_is_not_open`. */
export function codeOf({ name }: Pick<Refusal, 'name'>): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
