import './coinMark.css';

const signs: Record<string, string> = { USD: '$', EUR: '€', CNY: '¥' };

/** The sign of a currency in a round field. The name always stands beside it. */
export function CoinMark({ currency }: { currency: string }) {
  return (
    <span className={`coin-mark coin-mark-${currency}`} aria-hidden="true">
      {signs[currency] ?? currency.slice(0, 1)}
    </span>
  );
}
