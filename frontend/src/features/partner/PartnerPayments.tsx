import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { PartnerList, useStatusFilter } from './PartnerList.tsx';
import { type PartnerPayment, usePartnerPayments } from './partnerApi.ts';
import { StatusBadge } from './StatusBadge.tsx';

const statuses = ['accepted', 'processing', 'settled', 'failed', 'returned'];

/** The partner's payments. */
export function PartnerPayments() {
  const { t } = useI18n();
  const [status] = useStatusFilter();
  const { columns } = t.partner;
  return (
    <PartnerList
      list={usePartnerPayments(status)}
      statuses={statuses}
      statusNames={t.partner.statuses}
      empty={t.partner.empty}
      columns={[columns.creditor, columns.endToEndId, columns.created, columns.status, columns.amount]}
      row={(payment) => <Row key={payment.id} payment={payment} />}
    />
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
