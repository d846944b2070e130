import { useBlock } from 'wagmi';
import { POLL_MS } from './chain.ts';

/** The time of the newest block, by which the contracts judge deadlines; undefined until the node has answered. */
export function useChainTime(): Date | undefined {
  const { data } = useBlock({ query: { refetchInterval: POLL_MS } });
  return data && new Date(Number(data.timestamp) * 1_000);
}
