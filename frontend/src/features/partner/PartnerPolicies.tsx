import { Link } from 'react-router';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useProductName } from '../../lib/insuranceProducts.ts';
import { PartnerList, useStatusFilter } from './PartnerList.tsx';
import { PolicyBadge } from './PolicyBadge.tsx';
import { type PartnerPolicy, usePartnerPolicies } from './partnerApi.ts';

const statuses = ['issued', 'payable', 'paid', 'expired', 'refunded', 'cancelled', 'failed'];

/** The policies that the partner sold. */
export function PartnerPolicies() {
  const { t } = useI18n();
  const [status] = useStatusFilter();
  const { columns } = t.policies;
  return (
    <PartnerList
      list={usePartnerPolicies(status)}
      statuses={statuses}
      statusNames={t.policies.statuses}
      empty={t.policies.empty}
      columns={[
        columns.product,
        columns.subject,
        columns.windowEnd,
        t.partner.columns.status,
        columns.insured,
      ]}
      row={(policy) => <Row key={policy.id} policy={policy} />}
    />
  );
}

function Row({ policy }: { policy: PartnerPolicy }) {
  const format = useFormat();
  const nameOf = useProductName();
  const { id, product, subject, windowEnd, status, insured } = policy;
  return (
    <tr>
      <td>
        <Link to={`/partner/policies/${id}`} className="payments-link">
          {nameOf(product)}
        </Link>
      </td>
      <td className="payments-reference">{subject}</td>
      <td className="payments-time soft numbers">
        <time dateTime={windowEnd}>{format.minute(new Date(windowEnd))}</time>
      </td>
      <td>
        <PolicyBadge status={status} />
      </td>
      <td className="payments-amount numbers">
        {format.decimal(insured.value)} {insured.currency}
      </td>
    </tr>
  );
}
