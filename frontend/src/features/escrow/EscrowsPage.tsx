import { Link } from 'react-router';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { shortHex, useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useStablecoins } from '../../lib/stablecoins.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { EscrowBadge } from './EscrowBadge.tsx';
import { type Escrow, useEscrows } from './escrowApi.ts';
import { roleOf } from './escrowVerbs.ts';
import './escrow.css';

/** The escrows in which the connected account is payer, payee or arbiter. */
export function EscrowsPage() {
  const { t } = useI18n();
  const { sandboxUrl } = useAppConfig();
  const account = useAccount();
  const escrows = useEscrows(account?.address);
  const rows = escrows.data?.pages.flatMap(({ items }) => items);
  return (
    <div className="page page-narrow">
      <div>
        <PageTitle>{t.escrow.listTitle}</PageTitle>
        <p className="soft">{t.escrow.intro}</p>
      </div>
      {escrows.isError && <TroubleNotice error={escrows.error} />}
      <Card>
        {sandboxUrl && escrows.isPending && <Skeleton lines={6} label={t.app.loading} />}
        {(!sandboxUrl || rows?.length === 0) && (
          <EmptyState title={t.escrow.empty.title}>{t.escrow.empty.text}</EmptyState>
        )}
        <ul className="escrows">
          {rows?.map((escrow) => (
            <Row key={escrow.id} escrow={escrow} />
          ))}
        </ul>
        {escrows.hasNextPage && (
          <Button look="quiet" busy={escrows.isFetchingNextPage} onClick={() => void escrows.fetchNextPage()}>
            {t.partner.more}
          </Button>
        )}
      </Card>
    </div>
  );
}

function Row({ escrow }: { escrow: Escrow }) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const { id, amount, status, terms, createdAt } = escrow;
  const coin = useStablecoins().find(({ currency }) => currency === amount.currency);
  const role = roleOf(escrow, account?.address);
  const other = role === 'payer' ? terms.payee : terms.payer;
  return (
    <li>
      <Link to={`/escrows/${id}`} className="escrows-row">
        <span className="escrows-what">
          <strong>{role && t.escrow.roles[role]}</strong>
          <span className="soft small">
            {role === 'payer' ? t.escrow.terms.payee : t.escrow.terms.payer} {shortHex(other)} ·{' '}
            <time dateTime={createdAt}>{format.minute(new Date(createdAt))}</time>
          </span>
        </span>
        <span className="escrows-money">
          <strong className="numbers">
            {format.decimal(amount.value)} {coin?.symbol ?? amount.currency}
          </strong>
          <EscrowBadge status={status} />
        </span>
      </Link>
    </li>
  );
}
