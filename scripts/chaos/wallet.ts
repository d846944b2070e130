/** A wallet without ETH whose payments its partner hands in: it signs, and others may use what it signed. */
import { type Address, encodeFunctionData, type Hex, keccak256, toHex } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { authorizationNonce } from '../../services/core/evm/authorization.ts';
import { parseMoney } from '../../services/core/money.ts';
import { authorization, cancellation, payData } from '../../test/support/authorizations.ts';
import { type WorldChain, walletAccounts } from './chain.ts';
import { amountOf } from './partner.ts';
import type { PlannedPayment, Rival } from './schedule.ts';

/** No world lasts so long, and the API takes no authorisation for much longer. */
const VALID_SECONDS = 7n * 86_400n;

/** By which its recipient knows a payment. */
export const referenceOf = ({ endToEndId }: PlannedPayment): Hex => keccak256(toHex(endToEndId));

export type Wallet = ReturnType<typeof createWallet>;

/** @param partner Index of the partner whose user it is. */
export function createWallet(chain: WorldChain, partner: number) {
  const account = walletAccounts[partner] as (typeof walletAccounts)[number];

  /** What makes an authorisation this payment's; a pure function of it, so that each repetition is the same request. */
  const contentOf = (planned: PlannedPayment, recipient: Address) => ({
    recipient,
    paymentReference: referenceOf(planned),
    salt: keccak256(toHex(`${planned.endToEndId} salt`)),
  });

  /** The same for every payment, so that each repetition has it too. */
  let end: Promise<bigint> | undefined;
  const validBefore = () => {
    end ??= chain.client.getBlock().then(({ timestamp }) => timestamp + VALID_SECONDS);
    return end;
  };

  const sign = async (planned: PlannedPayment, recipient: Address) =>
    authorization(chain, account, {
      ...contentOf(planned, recipient),
      token: chain.token(planned.currency).address,
      amount: parseMoney(planned.currency, amountOf(planned)).units,
      validBefore: await validBefore(),
    });

  return {
    address: account.address,
    nonceOf: (planned: PlannedPayment, recipient: Address): Hex =>
      authorizationNonce(contentOf(planned, recipient)),
    /** The body of the request. */
    async request(planned: PlannedPayment, recipient: Address) {
      const { payer, paymentReference, salt, signature } = await sign(planned, recipient);
      return {
        amount: { currency: planned.currency, value: amountOf(planned) },
        payer,
        recipient,
        paymentReference,
        validAfter: '1970-01-01T00:00:00Z',
        validBefore: new Date(Number(await validBefore()) * 1_000).toISOString().replace('.000Z', 'Z'),
        salt,
        signature,
      };
    },
    /** Whether the coin has taken the authorisation, or its cancellation. */
    isUsed: (planned: PlannedPayment, recipient: Address): Promise<boolean> =>
      chain.client.readContract({
        ...chain.token(planned.currency),
        functionName: 'authorizationState',
        args: [account.address, authorizationNonce(contentOf(planned, recipient))],
      }),
    /** Somebody else is faster: with the authorisation itself, or with the payer's word that takes it back. */
    async rival(way: Rival, planned: PlannedPayment, recipient: Address): Promise<void> {
      const signed = await sign(planned, recipient);
      if (way === 'pays') return chain.submitElsewhere(chain.deployment.paymentRouter, payData(signed));
      const { token, nonce } = signed;
      const cancel = encodeFunctionData({
        abi: stablecoinAbi,
        functionName: 'cancelAuthorization',
        args: [account.address, nonce, await cancellation(chain, account, signed)],
      });
      return chain.submitElsewhere(token, cancel);
    },
  };
}
