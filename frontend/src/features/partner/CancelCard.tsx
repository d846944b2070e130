import { type FormEvent, useState } from 'react';
import { getAddress, isAddressEqual } from 'viem';
import { refundOf } from '../../../../services/core/insurance/premium.ts';
import { coverAmount } from '../../../../services/core/insurance/product.ts';
import { useAccount } from '../../lib/account.ts';
import { useCoverCoin, useCoverMoney } from '../../lib/coverCoin.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { AmountForm, readAmount } from '../../ui/AmountForm.tsx';
import { Card, Fact, Facts } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import { type Cover, useCancellation, useCover } from './cancellation.ts';
import type { PartnerPolicy } from './partnerApi.ts';

/** How the holder gives up its cover, or why it can not; nothing for any other wallet. */
export function CancelCard({ policy }: { policy: PartnerPolicy }) {
  const { t } = useI18n();
  const account = useAccount();
  const isHolder = account !== undefined && isAddressEqual(getAddress(policy.holder), account.address);
  const { data, error } = useCover(policy, isHolder);
  const reason = useReason(policy, data?.time);
  const words = t.policies.cancel;
  if (!isHolder) return null;
  if (reason || error)
    return <Card title={words.title}>{reason ? <p>{reason}</p> : <TroubleNotice error={error} />}</Card>;
  if (!data) return null;
  if (!data.cover)
    return (
      <Card title={words.title}>
        <Notice tone="good">{words.whole}</Notice>
      </Card>
    );
  // Given to somebody else, though that is not final.
  if (!isAddressEqual(data.cover.holder, account.address)) return null;
  return <CancelForm policy={policy} cover={data.cover} />;
}

/** Why it can not be cancelled, whatever the contract has; undefined when that does not stand in the way. */
function useReason({ status, cancellableUntil }: PartnerPolicy, chainTime: Date | undefined) {
  const { t } = useI18n();
  const format = useFormat();
  const { why } = t.policies.cancel;
  const end = new Date(cancellableUntil);
  if (status === 'accepted' || status === 'processing') return why.notIssued;
  if (status === 'cancelled') return why.cancelled;
  if (status === 'failed') return why.failed;
  const isOver = status !== 'issued' || (chainTime !== undefined && chainTime >= end);
  return isOver ? why.over(format.minute(end)) : undefined;
}

function CancelForm({ policy, cover }: { policy: PartnerPolicy; cover: Cover }) {
  const { t } = useI18n();
  const format = useFormat();
  const money = useCoverMoney();
  const account = useAccount();
  const coin = useCoverCoin();
  const cancellation = useCancellation(policy);
  const [typed, setTyped] = useState<string>();
  const { insured, unearnedPremium, buyer } = cover;
  const text = typed ?? coverAmount(insured).value;
  const { value: units } = readAmount(text, insured);
  const words = t.policies.cancel;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (units !== undefined) cancellation.mutate(units, { onSuccess: () => setTyped('') });
  };
  return (
    <AmountForm
      title={words.title}
      text={words.text}
      label={words.amount}
      hint={words.covered(money(insured))}
      value={text}
      most={insured}
      tooHigh={words.tooHigh(money(insured))}
      onChange={setTyped}
      onSubmit={submit}
      button={words.button}
      isBusy={cancellation.isPending}
      isDisabled={account?.wrongNetwork === true}
      outcome={<Outcome cancellation={cancellation} />}
    >
      <Facts>
        <Fact name={words.until}>
          <span className="numbers">{format.minute(new Date(policy.cancellableUntil))}</span>
        </Fact>
        <Fact name={words.refund}>
          <output className="numbers" data-testid="cancellation-refund">
            {units === undefined
              ? '–'
              : `${format.amount(refundOf(unearnedPremium, insured, units), coin.decimals)} ${coin.symbol}`}
          </output>
          <p className="soft small">{words.refundText}</p>
        </Fact>
        <Fact name={words.buyer}>
          <Hex value={buyer} what={words.buyer} />
          <p className="soft small">
            {account && isAddressEqual(buyer, account.address) ? words.ownText : words.buyerText}
          </p>
        </Fact>
      </Facts>
    </AmountForm>
  );
}

function Outcome({ cancellation }: { cancellation: ReturnType<typeof useCancellation> }) {
  const { t } = useI18n();
  const coin = useCoverCoin();
  if (cancellation.isPending) return <Notice tone="info">{t.insurance.confirm(1, 1)}</Notice>;
  if (cancellation.error) return <TroubleNotice error={cancellation.error} coin={coin} />;
  return cancellation.isSuccess ? <Notice tone="good">{t.policies.cancel.part}</Notice> : null;
}
