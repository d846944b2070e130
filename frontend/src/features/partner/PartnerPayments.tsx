import { Link, useSearchParams } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type PartnerPayment, usePartnerPayments } from './partnerApi.ts';
import { StatusBadge } from './StatusBadge.tsx';

const statuses = ['accepted', 'processing', 'settled', 'failed', 'returned'];

/** The partner's payments, newest first; the filter is in the address, so it can be linked to. */
export function PartnerPayments() {
  const { t } = useI18n();
  const [query, setQuery] = useSearchParams();
  const status = query.get('status') ?? '';
  const payments = usePartnerPayments(status);
  const rows = payments.data?.pages.flatMap(({ items }) => items);
  return (
    <Card>
      <fieldset className="filter">
        <legend className="visually-hidden">{t.partner.filter}</legend>
        {['', ...statuses].map((value) => (
          <button
            key={value}
            type="button"
            className="chip"
            aria-pressed={status === value}
            onClick={() => setQuery(value ? { status: value } : {}, { replace: true })}
          >
            {value ? t.partner.statuses[value] : t.partner.all}
          </button>
        ))}
      </fieldset>
      {payments.isError && <TroubleNotice error={payments.error} />}
      {payments.isPending && <Skeleton lines={8} label={t.app.loading} />}
      {rows?.length === 0 && <EmptyState title={t.partner.empty.title}>{t.partner.empty.text}</EmptyState>}
      {rows && rows.length > 0 && (
        <table className="payments" aria-busy={payments.isPlaceholderData}>
          <thead>
            <tr>
              <th scope="col">{t.partner.columns.creditor}</th>
              <th scope="col">{t.partner.columns.endToEndId}</th>
              <th scope="col">{t.partner.columns.created}</th>
              <th scope="col">{t.partner.columns.status}</th>
              <th scope="col" className="payments-amount">
                {t.partner.columns.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((payment) => (
              <Row key={payment.id} payment={payment} />
            ))}
          </tbody>
        </table>
      )}
      {payments.hasNextPage && (
        <div className="payments-more">
          <Button
            look="quiet"
            busy={payments.isFetchingNextPage}
            onClick={() => void payments.fetchNextPage()}
          >
            {t.partner.more}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Row({ payment }: { payment: PartnerPayment }) {
  const format = useFormat();
  const { id, creditor, endToEndId, amount, status, reason, createdAt } = payment;
  return (
    <tr>
      <td>
        <Link to={`/partner/payments/${id}`} className="payments-link">
          {creditor.name}
        </Link>
      </td>
      <td className="payments-reference">{endToEndId}</td>
      <td className="payments-time soft numbers">
        <time dateTime={createdAt}>{format.minute(new Date(createdAt))}</time>
      </td>
      <td>
        <span className="payments-status">
          <StatusBadge status={status} />
          {reason && <span className="soft small">{reason.code}</span>}
        </span>
      </td>
      <td className="payments-amount numbers">
        {format.decimal(amount.value)} {amount.currency}
      </td>
    </tr>
  );
}
