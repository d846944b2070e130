import { useBlockNumber } from 'wagmi';
import { useAppConfig } from '../lib/appConfig.ts';
import { POLL_MS } from '../lib/chain.ts';
import { useFormat } from '../lib/format.ts';
import { useI18n } from '../lib/i18n/I18n.tsx';
import { Badge } from '../ui/Badge.tsx';

/** Which chain, how far it is, and whether it answers. */
export function ChainStatus() {
  const { t } = useI18n();
  const format = useFormat();
  const { chainId, local } = useAppConfig();
  const head = useBlockNumber({ cacheTime: 0, query: { refetchInterval: POLL_MS } });
  const name = local ? t.app.localChain : t.app.chain(chainId);
  if (head.isError) {
    return (
      <div role="alert">
        <Badge tone="bad">{t.trouble.nodeUnreachable.title}</Badge>
        <p className="soft small">{t.trouble.nodeUnreachable.text}</p>
      </div>
    );
  }
  return (
    <p className="soft small numbers">
      {name}
      {head.data !== undefined && ` · ${t.payment.inBlock(format.whole(head.data))}`}
    </p>
  );
}
