import { useId } from 'react';
import type { CoinBalance } from '../../lib/balances.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import type { Stablecoin } from '../../lib/stablecoins.ts';
import { CoinMark } from '../../ui/CoinMark.tsx';
import './coinChoice.css';

interface CoinChoiceProps {
  coins: Stablecoin[];
  balances: CoinBalance[] | undefined;
  chosen: Stablecoin;
  onChoose: (coin: Stablecoin) => void;
}

/** One radio button a coin, with what one has of it. */
export function CoinChoice({ coins, balances, chosen, onChoose }: CoinChoiceProps) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useId();
  return (
    <fieldset>
      <legend className="coin-legend">{t.pay.coin}</legend>
      <div className="coin-choice">
        {coins.map((coin) => {
          const held = balances?.find((balance) => balance.coin.currency === coin.currency);
          return (
            <label key={coin.currency} className="coin-option">
              <input
                type="radio"
                name={name}
                value={coin.currency}
                checked={coin.currency === chosen.currency}
                onChange={() => onChoose(coin)}
                className="visually-hidden"
              />
              <CoinMark currency={coin.currency} />
              <span className="coin-words">
                <span className="coin-symbol">{coin.symbol}</span>
                <span className="soft small numbers">
                  {held ? format.amount(held.units, coin.decimals) : '\u00a0'}
                </span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
