import { useCoverCoin } from '../../lib/coverCoin.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import type { usePoolAction } from './usePoolAction.ts';

/** How far an action is: what the wallet is being asked for, that it is done, or why not. */
export function ActionOutcome({ action }: { action: ReturnType<typeof usePoolAction> }) {
  const { t } = useI18n();
  const coin = useCoverCoin();
  const { step, data, error } = action;
  if (step) return <Notice tone="info">{t.insurance.confirm(step.number, step.of)}</Notice>;
  if (error) return <TroubleNotice error={error} coin={coin} />;
  return data ? <Notice tone="good">{t.insurance.done[data]}</Notice> : null;
}
