import {
  type Account,
  type Address,
  type Chain,
  createWalletClient,
  getAddress,
  type Hex,
  hexToBigInt,
  http,
  MethodNotSupportedRpcError,
  numberToHex,
  type TypedDataDefinition,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { type CreateConnectorFn, createConnector } from 'wagmi';

const KEY_NAME = 'corridor.testWallet.key';

/** The id of the connector, to tell the test wallet from a real one. */
export const TEST_WALLET_ID = 'corridor.testWallet';

interface RpcRequest {
  method: string;
  params?: unknown;
}

interface SentTransaction {
  to: Address;
  data?: Hex;
  value?: Hex;
  gas?: Hex;
}

/**
 * A wallet for trying things out on a local chain: its key is made here and lies readable in localStorage, so
 * it must never hold anything of value. It signs without asking.
 */
export function testWallet(): CreateConnectorFn {
  return createConnector((config) => {
    const chain = config.chains[0];
    const request = providerOf(chain);
    return {
      id: TEST_WALLET_ID,
      name: 'Test wallet',
      type: 'testWallet',
      async connect<withCapabilities extends boolean = false>() {
        const accounts = [account().address];
        return { accounts, chainId: chain.id } as unknown as {
          accounts: withCapabilities extends true
            ? readonly { address: Address; capabilities: Record<string, unknown> }[]
            : readonly Address[];
          chainId: number;
        };
      },
      disconnect: async () => undefined,
      getAccounts: async () => [account().address],
      getChainId: async () => chain.id,
      getProvider: async () => ({ request }),
      isAuthorized: async () => localStorage.getItem(KEY_NAME) !== null,
      onAccountsChanged: () => undefined,
      onChainChanged: () => undefined,
      onDisconnect: () => config.emitter.emit('disconnect'),
    };
  });
}

function account() {
  let key = localStorage.getItem(KEY_NAME) as Hex | null;
  if (key === null) {
    key = generatePrivateKey();
    localStorage.setItem(KEY_NAME, key);
  }
  return privateKeyToAccount(key);
}

/** The EIP-1193 methods that the app uses; everything else goes to the node. */
function providerOf(chain: Chain) {
  const transport = http();
  return async ({ method, params }: RpcRequest): Promise<unknown> => {
    const signer = account();
    const client = createWalletClient<typeof transport, Chain, Account>({
      account: signer,
      chain,
      transport,
    });
    const given = (params ?? []) as unknown[];
    switch (method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return [signer.address];
      case 'eth_chainId':
        return numberToHex(chain.id);
      case 'eth_signTypedData_v4':
        return signer.signTypedData(JSON.parse(given[1] as string) as TypedDataDefinition);
      case 'eth_sendTransaction': {
        const { to, data, value, gas } = given[0] as SentTransaction;
        return client.sendTransaction({
          to: getAddress(to),
          ...(data && { data }),
          ...(value && { value: hexToBigInt(value) }),
          ...(gas && { gas: hexToBigInt(gas) }),
        });
      }
      default:
        if (method.startsWith('wallet_') || method === 'personal_sign') {
          throw new MethodNotSupportedRpcError(new Error(`The test wallet does not know ${method}.`));
        }
        return client.request({ method, params: given } as never);
    }
  };
}
