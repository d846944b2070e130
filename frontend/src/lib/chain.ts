import { createClient, defineChain } from 'viem';
import { createConfig, http } from 'wagmi';
import type { AppConfig } from './appConfig.ts';
import { testWallet } from './testWallet.ts';

/** Local blocks come each second; asking a little oftener keeps what is shown at most a second old. */
export const POLL_MS = 1_000;

/** wagmi for the one chain of this installation. Injected wallets announce themselves by EIP-6963. */
export function createWagmiConfig({ chainId, rpcUrl, local }: AppConfig) {
  const chain = defineChain({
    id: chainId,
    name: local ? 'Corridor local' : `Chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
    testnet: local,
  });
  return createConfig({
    chains: [chain],
    connectors: local ? [testWallet()] : [],
    client: () =>
      createClient({
        chain,
        transport: http(rpcUrl, { retryCount: 1, timeout: 8_000, batch: true }),
        pollingInterval: POLL_MS,
        // No contract of ours refers to off-chain gateways, so none is ever asked.
        ccipRead: false,
      }),
  });
}
