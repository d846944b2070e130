import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Account, Chain, Transport, WalletClient } from 'viem';
import { useConfig } from 'wagmi';
import { getWalletClient } from 'wagmi/actions';
import { useAccount } from '../../lib/account.ts';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useBalances, useChainClient } from '../../lib/balances.ts';
import { shortHex, useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { ProblemError } from '../../lib/sandbox.ts';
import { useTroubleSentence } from '../../lib/troubleSentence.ts';
import { Button } from '../../ui/Button.tsx';
import { Fact, Facts, Skeleton } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { StoppedPayment } from './StoppedPayment.tsx';
import { type PaymentOrder, type SigningStep, sendPayment } from './sendPayment.ts';
import { handIn, type SignedOrder, signOrder } from './sponsoredPayment.ts';
import { usePaymentPreview } from './usePaymentPreview.ts';

interface PaymentReviewProps {
  order: PaymentOrder;
  referenceText: string;
  onBack: () => void;
}

/** The payment in one sentence, tried out, and the button that signs it. */
export function PaymentReview({ order, referenceText, onBack }: PaymentReviewProps) {
  const { t } = useI18n();
  const format = useFormat();
  const navigate = useNavigate();
  const wagmiConfig = useConfig();
  const { chainId, deployment, sandboxUrl } = useAppConfig();
  const chain = useChainClient();
  const account = useAccount();
  const balances = useBalances(account?.address);
  const preview = usePaymentPreview(order);
  const sentence = useTroubleSentence();
  const [step, setStep] = useState<SigningStep>('simulate');
  /** Signed, and perhaps handed in: another signature would be another payment. */
  const signed = useRef<SignedOrder>(undefined);

  const payment = useMutation({
    mutationFn: async () => {
      const wallet = (await getWalletClient(wagmiConfig, { chainId })) as WalletClient<
        Transport,
        Chain,
        Account
      >;
      const router = deployment.paymentRouter;
      if (!order.isSponsored || !sandboxUrl)
        return `/payments/${await sendPayment(order, { chain, wallet, router, onStep: setStep })}`;
      setStep('authorize');
      signed.current ??= await signOrder(order, { chain, wallet, router });
      setStep('handIn');
      try {
        return `/sponsored-payments/${await handIn(sandboxUrl, signed.current)}`;
      } catch (error) {
        if (error instanceof ProblemError && error.status < 500) signed.current = undefined; // nothing was taken
        throw error;
      }
    },
    onSuccess: (path) => navigate(path, { state: { sentAtMs: Date.now() } }),
  });

  const isOpen = payment.isError && signed.current !== undefined;
  const { coin, recipient, units } = order;
  const money = `${format.amount(units, coin.decimals)} ${coin.symbol}`;
  const balance = balances.data?.coins.find((held) => held.coin.currency === coin.currency)?.units;
  const ownFee = preview.data && `${format.ether(preview.data.feeWei)} ETH`;
  const fee = order.isSponsored ? t.preview.feeByCorridor : ownFee;
  const trouble = preview.data?.trouble;
  return (
    <section className="card review">
      {preview.data && fee ? (
        <p className="review-sentence" data-testid="preview-sentence">
          {(order.isSponsored ? t.preview.sponsoredSentence : t.preview.sentence)({
            amount: money,
            recipient: shortHex(recipient),
            reference: referenceText,
            fee,
          })}
        </p>
      ) : (
        <Skeleton lines={2} label={t.pay.checking} />
      )}
      <Facts>
        <Fact name={t.preview.amount}>
          <strong className="numbers">{money}</strong>
        </Fact>
        <Fact name={t.preview.to}>
          <Hex value={recipient} what={t.pay.recipient} full />
        </Fact>
        <Fact name={t.preview.reference}>
          {referenceText || <span className="soft">{t.preview.noReference}</span>}
        </Fact>
        <Fact name={order.isSponsored ? t.payment.fee : t.preview.fee}>
          <span className="numbers">{fee ?? '…'}</span>
        </Fact>
        <Fact name={t.preview.after}>
          <span className="numbers">
            {balance === undefined || units > balance
              ? '…'
              : `${format.amount(balance - units, coin.decimals)} ${coin.symbol}`}
          </span>
        </Fact>
      </Facts>
      <div className="review-check">
        {preview.isError && <TroubleNotice error={preview.error} />}
        {trouble && (
          <Notice tone="bad" title={sentence(trouble, coin).title}>
            {sentence(trouble, coin).text}
          </Notice>
        )}
        {preview.data && !trouble && <Notice tone="good">{t.preview.simulated}</Notice>}
        {preview.isPending && <Notice tone="info">{t.pay.checking}</Notice>}
      </div>
      {order.isSponsored && <p className="soft small">{t.preview.authorization}</p>}
      {(account?.isTestWallet || !order.isSponsored) && (
        <p className="soft small">{account?.isTestWallet ? t.preview.testSigns : t.preview.permit}</p>
      )}
      <div className="review-actions">
        <Button look="secondary" onClick={onBack} disabled={payment.isPending || isOpen}>
          {t.preview.edit}
        </Button>
        <Button
          busy={payment.isPending || payment.isSuccess}
          disabled={!preview.data || trouble !== undefined || account?.wrongNetwork}
          onClick={() => payment.mutate()}
        >
          {payment.isPending ? t.preview.signing[step] : t.preview.sign}
        </Button>
      </div>
      {isOpen && <Notice tone="warn">{t.preview.handedIn}</Notice>}
      {payment.error && <StoppedPayment error={payment.error} order={order} />}
    </section>
  );
}
