import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { isAddressEqual } from 'viem';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useChainClient } from '../../lib/balances.ts';
import { shortHex, useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { ActivityEntry } from './activity.ts';
import './activity.css';

const icons = { sent: 'outgoing', received: 'incoming', minted: 'drop' } as const;

/** Movements, newest first; each leads to its payment. */
export function ActivityList({ entries }: { entries: ActivityEntry[] }) {
  return (
    <ul className="activity">
      {entries.map((entry) => (
        <Row key={entry.key} entry={entry} />
      ))}
    </ul>
  );
}

function Row({ entry }: { entry: ActivityEntry }) {
  const { t } = useI18n();
  const format = useFormat();
  const { coin, direction, counterparty, units, reference, final } = entry;
  const { deployment } = useAppConfig();
  const contract = (['escrow', 'coverPool'] as const).find((name) =>
    isAddressEqual(deployment[name], counterparty),
  );
  const who = contract ? t.activity.contracts[contract] : shortHex(counterparty);
  const party =
    direction === 'minted'
      ? t.activity.issued
      : direction === 'sent'
        ? t.activity.to(who)
        : t.activity.from(who);
  return (
    <li>
      <Link to={`/payments/${entry.transactionHash}`} className="activity-row">
        <span className={`activity-icon activity-${direction}`}>
          <Icon name={icons[direction]} size={18} />
        </span>
        <span className="activity-what">
          <span>
            <strong>{t.activity[direction]}</strong> <span className="soft">{party}</span>
          </span>
          <span className="soft small">
            <BlockTime blockNumber={entry.blockNumber} />
            {reference && ` · ${reference}`}
          </span>
        </span>
        <span className="activity-money">
          <span className="numbers">
            {direction === 'sent' ? '−' : '+'}
            {format.amount(units, coin.decimals)} {coin.symbol}
          </span>
          <Badge tone={final ? 'good' : 'busy'}>{final ? t.activity.final : t.activity.settling}</Badge>
        </span>
      </Link>
    </li>
  );
}

function BlockTime({ blockNumber }: { blockNumber: bigint }) {
  const format = useFormat();
  const chain = useChainClient();
  const block = useQuery({
    queryKey: ['block-time', String(blockNumber)],
    queryFn: async () => Number((await chain.getBlock({ blockNumber })).timestamp),
    // Long enough for a list, short enough to notice a block that was replaced.
    staleTime: 60_000,
  });
  if (block.data === undefined) return <>{'\u00a0'}</>;
  const at = new Date(block.data * 1_000);
  return <time dateTime={at.toISOString()}>{format.minute(at)}</time>;
}
