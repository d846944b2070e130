import { Link, useParams } from 'react-router';
import type { Address } from 'viem';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { useStablecoins } from '../../lib/stablecoins.ts';
import { Card, EmptyState, Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { EscrowActions } from './EscrowActions.tsx';
import { EscrowBadge } from './EscrowBadge.tsx';
import { EscrowDeadlines } from './EscrowDeadlines.tsx';
import { EscrowTermsCard } from './EscrowTermsCard.tsx';
import { EscrowTimeline } from './EscrowTimeline.tsx';
import { type Escrow, useEscrow } from './escrowApi.ts';
import { isGenuine } from './escrowTerms.ts';
import { roleOf } from './escrowVerbs.ts';
import './escrow.css';

/** One escrow: where the money is, what was agreed upon, what the connected account can do, and all that happened. */
export function EscrowPage() {
  const { id = '' } = useParams();
  const { t } = useI18n();
  const { sandboxUrl } = useAppConfig();
  const { data: escrow, error, isError } = useEscrow(id);
  return (
    <div className="page">
      <div>
        <Link to="/escrows" className="small">
          ← {t.escrow.listTitle}
        </Link>
        <PageTitle>{t.escrow.title}</PageTitle>
      </div>
      {!sandboxUrl && (
        <Card>
          <EmptyState title={t.partner.noSandbox.title}>{t.partner.noSandbox.text}</EmptyState>
        </Card>
      )}
      {isError && <TroubleNotice error={error} />}
      {sandboxUrl && !escrow && !isError && (
        <Card>
          <Skeleton lines={8} label={t.app.loading} />
        </Card>
      )}
      {escrow && <Known escrow={escrow} />}
    </div>
  );
}

function Known({ escrow }: { escrow: Escrow }) {
  const { t } = useI18n();
  const account = useAccount();
  const { chainId, deployment } = useAppConfig();
  const coin = useStablecoins().find(({ currency }) => currency === escrow.amount.currency);
  const contract = { chainId, escrow: deployment.escrow };
  const role = roleOf(escrow, account?.address);
  const isOurs = isGenuine(escrow, contract, coin?.address);
  return (
    <>
      <Summary escrow={escrow} symbol={coin?.symbol ?? escrow.amount.currency} />
      {!isOurs && (
        <Notice tone="bad" title={t.escrow.notGenuine.title}>
          {t.escrow.notGenuine.text}
        </Notice>
      )}
      {account && !role && <Notice tone="info">{t.escrow.stranger}</Notice>}
      <div className="escrow-columns">
        <div className="escrow-column">
          {isOurs && coin && role && (
            <EscrowActions escrow={escrow} role={role} contract={contract} coin={coin} />
          )}
          {!account && <Notice tone="info">{t.escrow.actions.noConnection}</Notice>}
          <EscrowTermsCard escrow={escrow} symbol={coin?.symbol ?? escrow.amount.currency} />
        </div>
        <div className="escrow-column">
          <EscrowDeadlines escrow={escrow} />
          <EscrowTimeline escrow={escrow} symbol={coin?.symbol ?? escrow.amount.currency} />
        </div>
      </div>
    </>
  );
}

function Summary({ escrow, symbol }: { escrow: Escrow; symbol: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const account = useAccount();
  const { amount, status, balances } = escrow;
  const role = roleOf(escrow, account?.address);
  const words = t.escrow.balances;
  return (
    <Card>
      <div className="escrow-summary" role="status" data-testid="escrow-status" data-status={status}>
        <div>
          <p className="escrow-amount numbers">
            {format.decimal(amount.value)} {symbol}
          </p>
          {role && <p className="soft">{t.escrow.roles[role]}</p>}
        </div>
        <EscrowBadge status={status} />
      </div>
      <h3 className="visually-hidden">{words.title}</h3>
      <Facts>
        {(['capturable', 'captured', 'returned', 'refunded'] as const).map((place) => (
          <Fact key={place} name={words[place]}>
            <span className="numbers" data-testid={`escrow-${place}`}>
              {format.decimal(balances[place])} {symbol}
            </span>
          </Fact>
        ))}
        <Waiting escrow={escrow} symbol={symbol} />
      </Facts>
    </Card>
  );
}

/** What somebody could not receive; nothing as a rule. */
function Waiting({ escrow, symbol }: { escrow: Escrow; symbol: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const ownerOf = (account: Address) => {
    const role = roleOf(escrow, account);
    return role && role !== 'arbiter' ? t.escrow.terms[role] : t.escrow.credit.feeRecipient;
  };
  const waiting = escrow.credits
    .filter(({ withdrawnAt }) => withdrawnAt === null)
    .map(({ account, amount }, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike, and a line has no state
      <p key={index} className="numbers" data-testid="escrow-credit">
        {t.app.named(ownerOf(account))}
        {format.decimal(amount.value)} {symbol}
      </p>
    ));
  if (waiting.length === 0) return null;
  return (
    <Fact name={t.escrow.credit.title}>
      {waiting}
      <p className="soft small">{t.escrow.credit.text}</p>
    </Fact>
  );
}
