import type { Hash } from 'viem';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useFormat } from '../../lib/format.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card, Fact, Facts } from '../../ui/Card.tsx';
import { Hex } from '../../ui/Hex.tsx';
import { Icon } from '../../ui/Icon.tsx';
import type { PaymentStatus } from './paymentStatus.ts';

/** The numbers by which anybody finds the payment on the chain; printed, they are the receipt. */
export function PaymentProof({ hash, status }: { hash: Hash; status: PaymentStatus }) {
  const { t } = useI18n();
  const format = useFormat();
  const { chainId, local } = useAppConfig();
  const { receipt, includedAt } = status;
  const print = (
    <Button look="quiet" className="no-print" onClick={() => window.print()}>
      <Icon name="print" size={18} />
      {t.payment.print}
    </Button>
  );
  return (
    <Card title={t.payment.proof} aside={receipt && print}>
      <p className="soft small">{t.payment.proofText}</p>
      <Facts>
        <Fact name={t.payment.network}>
          {local ? `${t.app.localChain} (${chainId})` : t.app.chain(chainId)}
        </Fact>
        <Fact name={t.payment.transaction}>
          <Hex value={hash} what={t.payment.transaction} full />
        </Fact>
        {receipt && (
          <>
            <Fact name={t.payment.block}>
              <span className="numbers">{format.whole(receipt.blockNumber)}</span>
            </Fact>
            <Fact name={t.payment.blockHash}>
              <Hex value={receipt.blockHash} what={t.payment.blockHash} full />
            </Fact>
            {includedAt && <Fact name={t.payment.time}>{format.time(includedAt)}</Fact>}
            <Fact name={t.payment.fee}>
              <span className="numbers">{format.ether(receipt.gasUsed * receipt.effectiveGasPrice)} ETH</span>
            </Fact>
          </>
        )}
      </Facts>
    </Card>
  );
}
