import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';

const tones: Record<string, BadgeTone> = {
  accepted: 'plain',
  processing: 'busy',
  settled: 'good',
  failed: 'bad',
  returned: 'warn',
};

/** A payment's status as partners see it. */
export function StatusBadge({ status }: { status: string }) {
  const { t } = useI18n();
  return <Badge tone={tones[status] ?? 'plain'}>{t.partner.statuses[status] ?? status}</Badge>;
}
