import type { Address } from 'viem';
import { useConnection } from 'wagmi';
import { useAppConfig } from './appConfig.ts';
import { TEST_WALLET_ID } from './testWallet.ts';

interface ConnectedAccount {
  address: Address;
  /** The wallet's chain is not the one of this installation. */
  wrongNetwork: boolean;
  isTestWallet: boolean;
  walletName: string;
}

/** The connected account; undefined while there is none. */
export function useAccount(): ConnectedAccount | undefined {
  const { chainId } = useAppConfig();
  const connection = useConnection();
  if (!connection.address || !connection.connector) return undefined;
  return {
    address: connection.address,
    wrongNetwork: connection.chainId !== chainId,
    isTestWallet: connection.connector.id === TEST_WALLET_ID,
    walletName: connection.connector.name,
  };
}
