import { useAppConfig } from '../../lib/appConfig.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Icon, type IconName } from '../../ui/Icon.tsx';
import { type Step, Steps } from '../../ui/Steps.tsx';
import type { PaymentStage, PaymentStatus } from './paymentStatus.ts';

const icons: Record<PaymentStage, IconName> = {
  signed: 'clock',
  included: 'clock',
  final: 'check',
  failed: 'cross',
  lost: 'warning',
};

/** Signed, included, final: the three steps and where the payment stands. */
export function PaymentProgress({ status }: { status: PaymentStatus }) {
  const { t } = useI18n();
  const format = useFormat();
  const { finalityDepth } = useAppConfig();
  const { stage, confirmations, receipt } = status;
  const words =
    stage === 'included' ? t.payment.text.included(confirmations, finalityDepth) : t.payment.text[stage];
  const inBlock = receipt && t.payment.inBlock(format.whole(receipt.blockNumber));
  const steps: Step[] = [
    { key: 'signed', title: t.payment.steps.signed, state: stage === 'lost' ? 'failed' : 'done' },
    {
      key: 'included',
      title: t.payment.steps.included,
      text: inBlock,
      state: stage === 'signed' ? 'now' : stage === 'lost' ? 'next' : stage === 'failed' ? 'failed' : 'done',
    },
    {
      key: 'final',
      title: t.payment.steps.final,
      text: receipt && stage !== 'failed' && t.payment.confirmations(confirmations, finalityDepth),
      state: stage === 'included' ? 'now' : stage === 'final' ? 'done' : 'next',
    },
  ];
  return (
    <section className="card progress">
      <div
        className={`progress-head progress-${stage}`}
        role="status"
        data-testid="payment-stage"
        data-stage={stage}
      >
        <span className="progress-icon">
          <Icon name={icons[stage]} size={26} />
        </span>
        <div>
          <h2>{t.payment.headline[stage]}</h2>
          <p className="soft">{words}</p>
        </div>
      </div>
      <Steps steps={steps} label={t.payment.progress} />
    </section>
  );
}
