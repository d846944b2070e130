import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';

const tones: Record<string, BadgeTone> = {
  processing: 'busy',
  issued: 'good',
  payable: 'busy',
  paid: 'good',
  refunded: 'warn',
  failed: 'bad',
};

/** A policy's status as partners see it. */
export function PolicyBadge({ status }: { status: string }) {
  const { t } = useI18n();
  return <Badge tone={tones[status] ?? 'plain'}>{t.policies.statuses[status] ?? status}</Badge>;
}
