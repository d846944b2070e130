import { useState } from 'react';
import { corridors } from '../../../../services/core/currency.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Card, EmptyState, Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { CoinMark } from '../../ui/CoinMark.tsx';
import { Field } from '../../ui/Field.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { DownloadButton } from './DownloadButton.tsx';
import { type PartnerAccount, usePartnerAccounts } from './partnerApi.ts';
import { ReconciliationCard } from './ReconciliationCard.tsx';

/** Funding accounts with their balances, their statements, and whether the books agree with the chain. */
export function PartnerAccounts() {
  const { t } = useI18n();
  const accounts = usePartnerAccounts();
  const [date, setDate] = useState(() => new Date().toISOString().slice(0, 10));
  const rows = accounts.data?.items.toSorted((a, b) => rank(a.currency) - rank(b.currency));
  return (
    <>
      <ReconciliationCard />
      {accounts.isError && <TroubleNotice error={accounts.error} />}
      {accounts.isPending && (
        <Card>
          <Skeleton lines={5} label={t.app.loading} />
        </Card>
      )}
      {rows?.length === 0 && (
        <Card>
          <EmptyState title={t.partner.accounts.empty.title}>{t.partner.accounts.empty.text}</EmptyState>
        </Card>
      )}
      {rows && rows.length > 0 && (
        <>
          <div className="statement">
            <Field
              label={t.partner.accounts.statementDate}
              hint="UTC"
              type="date"
              value={date}
              max={new Date().toISOString().slice(0, 10)}
              onChange={(event) => setDate(event.target.value)}
            />
          </div>
          <ul className="account-list">
            {rows.map((account) => (
              <AccountCard key={account.id} account={account} date={date} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** The order in which every list of the app has the currencies. */
function rank(currency: string): number {
  return Object.keys(corridors).indexOf(currency);
}

function AccountCard({ account, date }: { account: PartnerAccount; date: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { id, currency, balance } = account;
  return (
    <li className="card">
      <div className="account-head">
        <CoinMark currency={currency} />
        <div>
          <strong>{currency}</strong>
          <p className="soft small">{t.coins[currency]}</p>
        </div>
      </div>
      <p className="soft small account-label">{t.partner.accounts.available}</p>
      <p className="account-available numbers">{format.decimal(balance.available.value)}</p>
      <Facts>
        <Fact name={t.partner.accounts.held}>
          <span className="numbers">{format.decimal(balance.held.value)}</span>
        </Fact>
        <Fact name={t.partner.accounts.posted}>
          <span className="numbers">{format.decimal(balance.posted.value)}</span>
        </Fact>
      </Facts>
      <DownloadButton
        path={`/partner/accounts/${id}/statement?date=${date}`}
        fileName={`camt.053-${currency}-${date}.xml`}
        disabled={!date}
      >
        {t.partner.accounts.statement}
      </DownloadButton>
    </li>
  );
}
