import { type Address, zeroAddress, zeroHash } from 'viem';
import { type EscrowTerms, escrowIdOf } from '../../../../services/core/evm/escrowTerms.ts';
import { parseMoney } from '../../../../services/core/money.ts';
import type { Escrow } from './escrowApi.ts';

/** The escrow contract of this installation. */
export interface Contract {
  chainId: number;
  escrow: Address;
}

/** The terms that the page shows, in the contract's words. */
export function termsOf({ terms, amount }: Pick<Escrow, 'terms' | 'amount'>): EscrowTerms {
  const units = (value: string) => parseMoney(amount.currency, value).units;
  const seconds = (time: string) => Date.parse(time) / 1_000;
  return {
    ...terms,
    amount: units(amount.value),
    operator: terms.operator ?? zeroAddress,
    authorizationExpiry: seconds(terms.authorizationExpiry),
    captureExpiry: seconds(terms.captureExpiry),
    refundExpiry: seconds(terms.refundExpiry),
    feeRecipient: terms.feeRecipient ?? zeroAddress,
    arbiter: terms.arbiter ?? zeroAddress,
    hashLock: terms.hashLock ?? zeroHash,
    salt: BigInt(terms.salt),
    milestones: terms.milestones.map(units),
  };
}

/**
 * True when the id is the hash of exactly the terms shown, for our contract and a coin that we know by this currency: only then
 * does a wallet sign what the page says.
 */
export function isGenuine(escrow: Escrow, contract: Contract, coin: Address | undefined): boolean {
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return (
    coin !== undefined &&
    isSame(coin, escrow.terms.token) &&
    isSame(escrow.contract, contract.escrow) &&
    escrowIdOf(contract, termsOf(escrow)) === escrow.escrowId
  );
}
