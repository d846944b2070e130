import type { Underwriting } from '../../../../services/core/insurance/underwriting.ts';
import { useCoverMoney } from '../../lib/coverCoin.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, EmptyState, Fact, Facts } from '../../ui/Card.tsx';
import { ActionOutcome } from './ActionOutcome.tsx';
import { usePoolAction } from './usePoolAction.ts';

const tones: Record<string, BadgeTone> = { waiting: 'busy', claimable: 'good', lapsed: 'warn' };

/** One's own part of the pool, and what was asked back of it. */
export function PositionCard({ position }: { position: Underwriting }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = useCoverMoney();
  const action = usePoolAction();
  const { request, takeable, takeableShares } = position;
  const time = (seconds: bigint) => format.minute(new Date(Number(seconds) * 1_000));
  return (
    <Card
      title={t.insurance.position.title}
      aside={
        request && <Badge tone={tones[request.state] ?? 'plain'}>{t.insurance.states[request.state]}</Badge>
      }
    >
      {position.shares === 0n ? (
        <EmptyState title={t.insurance.position.empty.title}>{t.insurance.position.empty.text}</EmptyState>
      ) : (
        <Facts>
          <Fact name={t.insurance.position.worth}>
            <strong className="numbers" data-testid="underwriting-worth">
              {money(position.worth)}
            </strong>
          </Fact>
          <Fact name={t.insurance.position.exitWorth}>
            <span className="numbers">{money(position.exitWorth)}</span>
          </Fact>
          {request && (
            <>
              <Fact name={t.insurance.position.requested}>
                <span className="numbers">{money(request.worth)}</span>
              </Fact>
              <Fact name={t.insurance.position.claimable}>
                <span className="numbers">
                  {t.insurance.position.between(time(request.claimableAt), time(request.lapsesAt))}
                </span>
              </Fact>
              <Fact name={t.insurance.position.takeable}>
                <span className="numbers" data-testid="underwriting-takeable">
                  {money(takeable)}
                </span>
              </Fact>
            </>
          )}
        </Facts>
      )}
      {request && (
        <div className="insurance-actions">
          <Button
            busy={action.isPending && action.variables?.action === 'take'}
            disabled={action.isPending || takeableShares === 0n}
            onClick={() => action.mutate({ action: 'take' })}
          >
            {t.insurance.position.take}
          </Button>
          <Button
            look="secondary"
            busy={action.isPending && action.variables?.action === 'keep'}
            disabled={action.isPending}
            onClick={() => action.mutate({ action: 'keep' })}
          >
            {t.insurance.position.keep}
          </Button>
        </div>
      )}
      <ActionOutcome action={action} />
    </Card>
  );
}
