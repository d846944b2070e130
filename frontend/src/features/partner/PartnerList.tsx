import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, EmptyState, Skeleton } from '../../ui/Card.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import type { PartnerPages } from './partnerApi.ts';

interface PartnerListProps<Item> {
  list: PartnerPages<Item>;
  /** Those that can be filtered by, in their order. */
  statuses: readonly string[];
  statusNames: Readonly<Record<string, string>>;
  empty: { title: string; text: string };
  /** Headings; the last is that of an amount. */
  columns: readonly string[];
  row: (item: Item) => ReactNode;
}

/** Things of the partner, newest first, of one status or all. */
export function PartnerList<Item>({
  list,
  statuses,
  statusNames,
  empty,
  columns,
  row,
}: PartnerListProps<Item>) {
  const { t } = useI18n();
  const [status, setStatus] = useStatusFilter();
  const items = list.data?.pages.flatMap((page) => page.items);
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
            onClick={() => setStatus(value)}
          >
            {value ? statusNames[value] : t.partner.all}
          </button>
        ))}
      </fieldset>
      {list.isError && <TroubleNotice error={list.error} />}
      {list.isPending && <Skeleton lines={8} label={t.app.loading} />}
      {items?.length === 0 && <EmptyState title={empty.title}>{empty.text}</EmptyState>}
      {items && items.length > 0 && (
        <table className="payments" aria-busy={list.isPlaceholderData}>
          <thead>
            <tr>
              {columns.map((name, index) => (
                <th
                  key={name}
                  scope="col"
                  className={index === columns.length - 1 ? 'payments-amount' : undefined}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{items.map(row)}</tbody>
        </table>
      )}
      {list.hasNextPage && (
        <div className="payments-more">
          <Button look="quiet" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t.partner.more}
          </Button>
        </div>
      )}
    </Card>
  );
}

/** The status by which a list is filtered, empty for all: it is in the address, so that it can be linked to. */
export function useStatusFilter(): [status: string, setStatus: (status: string) => void] {
  const [query, setQuery] = useSearchParams();
  return [query.get('status') ?? '', (status) => setQuery(status ? { status } : {}, { replace: true })];
}
