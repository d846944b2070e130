import { useState } from 'react';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { type PaymentDraft, PaymentForm } from './PaymentForm.tsx';
import { PaymentReview } from './PaymentReview.tsx';
import type { PaymentOrder } from './sendPayment.ts';
import './pay.css';

/** Two steps: say whom to pay and how much; check it and sign. What was typed survives going back. */
export function PayPage() {
  const { t } = useI18n();
  const [draft, setDraft] = useState<PaymentDraft>({
    currency: 'USD',
    recipient: '',
    amount: '',
    reference: '',
    isSponsored: false,
  });
  const [order, setOrder] = useState<PaymentOrder>();
  return (
    <div className="page page-narrow">
      <PageTitle>{order ? t.preview.title : t.pay.title}</PageTitle>
      {order ? (
        <PaymentReview
          order={order}
          referenceText={draft.reference.trim()}
          onBack={() => setOrder(undefined)}
        />
      ) : (
        <PaymentForm draft={draft} onChange={setDraft} onReview={setOrder} />
      )}
    </div>
  );
}
