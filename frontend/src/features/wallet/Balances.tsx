import { useAccount } from '../../lib/account.ts';
import { useBalances } from '../../lib/balances.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useStablecoins } from '../../lib/stablecoins.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Skeleton } from '../../ui/Card.tsx';
import { CoinMark } from '../../ui/CoinMark.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import './balances.css';

/** A card a coin. */
export function Balances() {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const coins = useStablecoins();
  const balances = useBalances(account?.address);
  return (
    <section className="balances-section" aria-label={t.wallet.balances}>
      {balances.isError && <TroubleNotice error={balances.error} />}
      <ul className="balances">
        {coins.map((coin) => {
          const held = balances.data?.coins.find((balance) => balance.coin.currency === coin.currency);
          return (
            <li key={coin.currency} className="card balance">
              <div className="balance-head">
                <CoinMark currency={coin.currency} />
                <div>
                  <p className="balance-symbol">{coin.symbol}</p>
                  <p className="soft small">{t.coins[coin.currency]}</p>
                </div>
                {held?.frozen && <Badge tone="bad">{t.wallet.frozen}</Badge>}
              </div>
              <div className="balance-amount numbers">
                {held ? (
                  <p data-testid={`balance-${coin.symbol}`}>{format.amount(held.units, coin.decimals)}</p>
                ) : (
                  <Skeleton label={t.app.loading} />
                )}
              </div>
            </li>
          );
        })}
      </ul>
      <p className="soft small numbers">
        {balances.data ? t.wallet.fees(format.ether(balances.data.etherWei)) : '\u00a0'}
      </p>
    </section>
  );
}
