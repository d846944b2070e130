import { useAppConfig } from '../../lib/appConfig.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useProductName } from '../../lib/insuranceProducts.ts';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { useExposures } from './pool.ts';

/** What is insured, and how each product has done. */
export function ExposureCard() {
  const { t } = useI18n();
  const format = useFormat();
  const { sandboxUrl } = useAppConfig();
  const exposures = useExposures();
  const nameOf = useProductName();
  if (sandboxUrl === null) return null;
  const rows = exposures.data?.products;
  return (
    <Card title={t.insurance.exposure.title}>
      {exposures.isError && <TroubleNotice error={exposures.error} />}
      {exposures.isPending && <Skeleton lines={4} label={t.app.loading} />}
      {rows?.length === 0 && (
        <EmptyState title={t.insurance.exposure.empty.title}>{t.insurance.exposure.empty.text}</EmptyState>
      )}
      {rows && rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls on a phone is scrolled by the keyboard, too
        <section className="exposures-frame" tabIndex={0} aria-label={t.insurance.exposure.title}>
          <table className="exposures">
            <thead>
              <tr>
                <th scope="col">{t.insurance.exposure.product}</th>
                <th scope="col">{t.insurance.exposure.openPolicies}</th>
                <th scope="col">{t.insurance.exposure.insured}</th>
                <th scope="col">{t.insurance.exposure.premiums}</th>
                <th scope="col">{t.insurance.exposure.payouts}</th>
                <th scope="col">{t.insurance.exposure.lossRatio}</th>
              </tr>
            </thead>
            <tbody className="numbers">
              {rows.map(({ product, openPolicies, insured, premiums, payouts, lossRatioPercent }) => (
                <tr key={product} data-product={product}>
                  <th scope="row">{nameOf(product)}</th>
                  <td>{format.whole(openPolicies)}</td>
                  <td>{format.cents(insured.value)}</td>
                  <td>{format.cents(premiums.value)}</td>
                  <td>{format.cents(payouts.value)}</td>
                  <td>{lossRatioPercent === null ? '–' : format.percent(lossRatioPercent)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Card>
  );
}
