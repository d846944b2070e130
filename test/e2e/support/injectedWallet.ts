/** A browser wallet for tests: announced by EIP-6963, signing with a local key, doing as it is told. */
import type { BrowserContext } from 'playwright-core';
import {
  createWalletClient,
  type Hex,
  hexToBigInt,
  hexToNumber,
  http,
  numberToHex,
  type TypedDataDefinition,
  toFunctionSelector,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';

type Behaviour = 'agrees' | 'rejects' | 'cannotSignTypedData' | 'approvesOnly' | 'failsAfterSending';

export interface InjectedWallet {
  readonly address: Hex;
  readonly name: string;
  /** What it does when it is asked for a signature. */
  behaviour: Behaviour;
  /** Methods that it was asked for, in order. */
  readonly asked: string[];
  /** What the typed data were that it signed, by their primary types. */
  readonly signed: string[];
}

const APPROVE = toFunctionSelector('function approve(address,uint256)');

interface RpcRequest {
  method: string;
  params?: unknown[];
}

/** What comes back from the exposed function: errors travel as data, or their codes would be lost on the way. */
type RpcAnswer = { result: unknown } | { error: { code: number; message: string } };

class RpcFault extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Puts the wallet into every page of `context`. It is connected to `chainId` until it is asked to switch. */
export async function injectWallet(
  context: BrowserContext,
  { rpcUrl, chainId = hardhat.id }: { rpcUrl: string; chainId?: number },
): Promise<InjectedWallet> {
  const signer = privateKeyToAccount(generatePrivateKey());
  const client = createWalletClient({ account: signer, chain: hardhat, transport: http(rpcUrl) });
  const wallet: InjectedWallet = {
    address: signer.address,
    name: 'Harbour Wallet',
    behaviour: 'agrees',
    asked: [],
    signed: [],
  };
  let isConnected = false;
  let currentChainId = chainId;

  const carryOut = async ({ method, params = [] }: RpcRequest): Promise<unknown> => {
    wallet.asked.push(method);
    switch (method) {
      case 'eth_requestAccounts':
        isConnected = true;
        return [signer.address];
      case 'eth_accounts':
        return isConnected ? [signer.address] : [];
      case 'eth_chainId':
        return numberToHex(currentChainId);
      case 'wallet_switchEthereumChain':
        currentChainId = hexToNumber((params[0] as { chainId: Hex }).chainId);
        return null;
      case 'wallet_revokePermissions':
        isConnected = false;
        return null;
      case 'eth_signTypedData_v4': {
        if (['cannotSignTypedData', 'approvesOnly'].includes(wallet.behaviour))
          throw new RpcFault(4200, 'Not supported');
        agree(wallet.behaviour);
        const typedData = JSON.parse(params[1] as string) as TypedDataDefinition;
        wallet.signed.push(typedData.primaryType);
        return signer.signTypedData(typedData);
      }
      case 'eth_sendTransaction': {
        const { to, data, gas } = params[0] as { to: Hex; data?: Hex; gas?: Hex };
        agree(
          wallet.behaviour === 'approvesOnly' && !data?.startsWith(APPROVE) ? 'rejects' : wallet.behaviour,
        );
        const hash = await client.sendTransaction({
          to,
          ...(data && { data }),
          ...(gas && { gas: hexToBigInt(gas) }),
        });
        if (wallet.behaviour === 'failsAfterSending') throw new RpcFault(-32603, 'Connection lost');
        return hash;
      }
      default:
        if (method.startsWith('wallet_')) throw new RpcFault(-32601, `Method not found: ${method}`);
        return client.request({ method, params } as never);
    }
  };
  await context.exposeFunction('walletRequest', async (request: RpcRequest): Promise<RpcAnswer> => {
    try {
      return { result: await carryOut(request) };
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      return { error: { code: code ?? -32603, message } };
    }
  });
  await context.addInitScript(announceProvider, wallet.name);
  return wallet;
}

function agree(behaviour: Behaviour): void {
  if (behaviour === 'rejects') throw new RpcFault(4001, 'User rejected the request.');
}

/** Runs in the page. */
function announceProvider(name: string): void {
  const ask = (window as unknown as { walletRequest(request: RpcRequest): Promise<RpcAnswer> }).walletRequest;
  const listeners: Record<string, ((value: unknown) => void)[]> = {};
  const emit = (event: string, value: unknown) => {
    for (const listener of listeners[event] ?? []) listener(value);
  };
  const provider = {
    async request({ method, params = [] }: RpcRequest) {
      const answer = await ask({ method, params });
      if ('error' in answer)
        throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
      if (method === 'wallet_switchEthereumChain') {
        emit('chainChanged', (params[0] as { chainId: string }).chainId);
      }
      return answer.result;
    },
    on(event: string, listener: (value: unknown) => void) {
      listeners[event] = [...(listeners[event] ?? []), listener];
    },
    removeListener(event: string, listener: (value: unknown) => void) {
      listeners[event] = (listeners[event] ?? []).filter((known) => known !== listener);
    },
  };
  const info = {
    uuid: crypto.randomUUID(),
    name,
    icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="%23375cd6"/></svg>',
    rdns: 'example.harbour',
  };
  const announce = () =>
    window.dispatchEvent(
      new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }),
    );
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}
