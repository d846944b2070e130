import { type Address, isAddressEqual } from 'viem';
import { useAccount } from '../../lib/account.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Fact, Facts } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import type { Movement } from './paymentStatus.ts';

/** From, to, how much, what for. */
export function MovementFacts({ movement }: { movement: Movement }) {
  const { t } = useI18n();
  const format = useFormat();
  const { coin, from, to, units, reference } = movement;
  return (
    <Facts>
      <Fact name={t.payment.amount}>
        <strong className="numbers">
          {format.amount(units, coin.decimals)} {coin.symbol}
        </strong>
      </Fact>
      <Fact name={t.payment.from}>
        <Party address={from} />
      </Fact>
      <Fact name={t.payment.to}>
        <Party address={to} />
      </Fact>
      {reference && <Fact name={t.payment.reference}>{reference}</Fact>}
    </Facts>
  );
}

function Party({ address }: { address: Address }) {
  const { t } = useI18n();
  const account = useAccount();
  return (
    <>
      <Hex value={address} what={t.address.yourAddress} full />{' '}
      {account && isAddressEqual(address, account.address) && <Badge tone="plain">{t.address.you}</Badge>}
    </>
  );
}
