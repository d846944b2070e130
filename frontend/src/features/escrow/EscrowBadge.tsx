import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';

const tones: Record<string, BadgeTone> = {
  authorizing: 'busy',
  authorized: 'good',
  disputed: 'warn',
  captured: 'good',
};

/** Where an escrow stands, by what is final on the chain. */
export function EscrowBadge({ status }: { status: string }) {
  const { t } = useI18n();
  return <Badge tone={tones[status] ?? 'plain'}>{t.escrow.statuses[status] ?? status}</Badge>;
}
