import { isAddressEqual } from 'viem';
import { useAccount } from './account.ts';
import { useFormat } from './format.ts';
import { useI18n } from './i18n/I18n.tsx';
import type { Stablecoin } from './stablecoins.ts';
import type { Trouble } from './trouble.ts';

/** Says a {@link Trouble} in the reader's language: what is wrong, and what to do. `coin` gives amounts their name. */
export function useTroubleSentence(): (
  trouble: Trouble,
  coin?: Stablecoin,
) => { title: string; text: string } {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  return (trouble, coin) => {
    switch (trouble.kind) {
      case 'insufficientBalance': {
        const money = (units: bigint) =>
          `${format.amount(units, coin?.decimals ?? 6)} ${coin?.symbol ?? ''}`.trim();
        const { title, text } = t.trouble.insufficientBalance;
        return { title, text: text(money(trouble.balance), money(trouble.needed)) };
      }
      case 'accountFrozen':
        return account && isAddressEqual(trouble.account, account.address)
          ? t.trouble.ownFrozen
          : t.trouble.recipientFrozen;
      case 'faucetTooSoon':
        return { title: t.trouble.faucetTooSoon.title, text: t.trouble.faucetTooSoon.text(trouble.seconds) };
      case 'unknown':
        return { title: t.trouble.unknown.title, text: t.trouble.unknown.text(trouble.detail) };
      default:
        return t.trouble[trouble.kind];
    }
  };
}
