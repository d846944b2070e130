import { useCoverMoney } from '../../lib/coverCoin.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, Fact, Facts } from '../../ui/Card.tsx';
import type { PoolFigures } from './pool.ts';

/** The pool's capital: what is locked for the largest payouts, and what is free. */
export function PoolCard({ pool }: { pool: PoolFigures }) {
  const { t } = useI18n();
  const money = useCoverMoney();
  const rows = [
    [t.insurance.pool.totalAssets, pool.totalAssets],
    [t.insurance.pool.lockedCapital, pool.lockedCapital],
    [t.insurance.pool.capacity, pool.capacity],
    [t.insurance.pool.unearnedPremiums, pool.unearnedPremiums],
    [t.insurance.pool.payoutReserve, pool.payoutReserve],
  ] as const;
  return (
    <Card title={t.insurance.pool.title}>
      <Facts>
        {rows.map(([name, units]) => (
          <Fact key={name} name={name}>
            <span className="numbers">{money(units)}</span>
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}
