import {
  type Address,
  BaseError,
  ChainMismatchError,
  ContractFunctionRevertedError,
  HttpRequestError,
  InsufficientFundsError,
  TimeoutError,
} from 'viem';
import { ConnectorChainMismatchError } from 'wagmi';
import { TransactionReplacedError } from './included.ts';
import { ProblemError, SandboxUnreachable } from './sandbox.ts';

/** What went wrong, as far as a person can do something about it. Amounts are in the coin's smallest unit. */
export type Trouble =
  | { kind: 'rejected' }
  | { kind: 'walletBusy' }
  | { kind: 'replaced' }
  | { kind: 'wrongNetwork' }
  | { kind: 'insufficientBalance'; balance: bigint; needed: bigint }
  | { kind: 'accountFrozen'; account: Address }
  | { kind: 'paused' }
  | { kind: 'noGas' }
  | { kind: 'permitExpired' }
  | { kind: 'nodeUnreachable' }
  | { kind: 'sandboxUnreachable' }
  | { kind: 'partnerMissing' }
  | { kind: 'settlementUnreachable' }
  | { kind: 'faucetTooSoon'; seconds: number }
  | { kind: 'unknown'; detail: string };

/** Finds the {@link Trouble} in whatever was thrown by viem, a wallet, the node or the sandbox. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof SandboxUnreachable) return { kind: 'sandboxUnreachable' };
  if (error instanceof ProblemError) return problemTrouble(error);
  if (error instanceof TransactionReplacedError) return { kind: 'replaced' };
  if (hasCode(error, 4001)) return { kind: 'rejected' };
  if (hasCode(error, -32002)) return { kind: 'walletBusy' };
  if (error instanceof ConnectorChainMismatchError) return { kind: 'wrongNetwork' };
  if (!(error instanceof BaseError)) return { kind: 'unknown', detail: messageOf(error) };

  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError) return revertTrouble(reverted);
  if (causedBy(error, ChainMismatchError)) return { kind: 'wrongNetwork' };
  if (causedBy(error, InsufficientFundsError)) return { kind: 'noGas' };
  if (causedBy(error, HttpRequestError) || causedBy(error, TimeoutError)) return { kind: 'nodeUnreachable' };
  return { kind: 'unknown', detail: messageOf(error) };
}

/** The contracts' custom errors that a payer can meet. */
function revertTrouble({ data, shortMessage }: ContractFunctionRevertedError): Trouble {
  const args = data?.args ?? [];
  switch (data?.errorName) {
    case 'AccountIsFrozen':
      return { kind: 'accountFrozen', account: args[0] as Address };
    case 'TokenIsPaused':
    case 'RouterIsPaused':
      return { kind: 'paused' };
    case 'ERC20InsufficientBalance':
      return { kind: 'insufficientBalance', balance: args[1] as bigint, needed: args[2] as bigint };
    case 'SignatureExpired':
    case 'PermitExpired':
      return { kind: 'permitExpired' };
    default:
      return { kind: 'unknown', detail: data ? `${data.errorName}(${args.join(', ')})` : shortMessage };
  }
}

function problemTrouble({ code, message, retryAfterSeconds }: ProblemError): Trouble {
  switch (code) {
    case 'faucet_too_soon':
      return { kind: 'faucetTooSoon', seconds: retryAfterSeconds ?? 60 };
    case 'partner_key_missing':
      return { kind: 'partnerMissing' };
    case 'settlement_unreachable':
      return { kind: 'settlementUnreachable' };
    default:
      return { kind: 'unknown', detail: message };
  }
}

function causedBy(error: BaseError, type: abstract new (...args: never[]) => Error): boolean {
  return error.walk((cause) => cause instanceof type) !== null;
}

/** Wallets put EIP-1193 codes at the top or into a cause; viem keeps them on the way. */
function hasCode(error: unknown, code: number): boolean {
  for (let cause = error, depth = 0; cause instanceof Object && depth < 10; depth += 1) {
    if ((cause as { code?: unknown }).code === code) return true;
    cause = (cause as { cause?: unknown }).cause;
  }
  return false;
}

/** What the system itself says, for passing on. */
export function messageOf(error: unknown): string {
  if (error instanceof BaseError) return error.shortMessage;
  return error instanceof Error ? error.message : String((error as { message?: unknown })?.message ?? error);
}
