import { useConnect, useConnectors } from 'wagmi';
import { useAppConfig } from '../../lib/appConfig.ts';
import { useI18n } from '../../lib/i18n/I18n.tsx';
import { TEST_WALLET_ID } from '../../lib/testWallet.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PageTitle } from '../../ui/PageTitle.tsx';
import { TroubleNotice } from '../../ui/TroubleNotice.tsx';
import './connectPage.css';

/** First visit: what Corridor is, and which wallets this browser has. */
export function ConnectPage() {
  const { t } = useI18n();
  const { local } = useAppConfig();
  const connectors = useConnectors();
  const connect = useConnect();
  const waitingFor = connect.isPending ? connect.variables?.connector : undefined;
  const installed = connectors.filter((connector) => connector.id !== TEST_WALLET_ID);
  const testWallet = connectors.find((connector) => connector.id === TEST_WALLET_ID);
  const { once, final, own } = t.connect.points;
  return (
    <div className="page connect">
      <div className="connect-words">
        <PageTitle>{t.connect.title}</PageTitle>
        <p className="connect-lead soft">{t.connect.text}</p>
        <ul>
          {(
            [
              ['shield', once],
              ['clock', final],
              ['key', own],
            ] as const
          ).map(([icon, point]) => (
            <li key={icon}>
              <Icon name={icon} size={22} />
              <div>
                <p className="connect-point">{point.title}</p>
                <p className="soft">{point.text}</p>
              </div>
            </li>
          ))}
        </ul>
      </div>
      <Card title={t.connect.heading} className="connect-card">
        {installed.map((connector) => (
          <Button
            key={connector.uid}
            look="secondary"
            className="connect-wallet"
            busy={waitingFor === connector}
            disabled={connect.isPending}
            onClick={() => connect.mutate({ connector })}
          >
            {connector.icon ? (
              <img src={connector.icon} alt="" width={24} height={24} />
            ) : (
              <Icon name="wallet" />
            )}
            {waitingFor === connector ? t.connect.connecting : t.connect.connectWith(connector.name)}
          </Button>
        ))}
        {installed.length === 0 && <p className="soft">{local ? t.connect.noneLocal : t.connect.none}</p>}
        {testWallet && (
          <div className="connect-test">
            <Button
              look={installed.length === 0 ? 'primary' : 'secondary'}
              className="connect-wallet"
              disabled={connect.isPending}
              onClick={() => connect.mutate({ connector: testWallet })}
            >
              <Icon name="key" />
              {t.connect.testWallet}
            </Button>
            <p className="small soft">{t.connect.testWalletHint}</p>
          </div>
        )}
        {connect.error && <TroubleNotice error={connect.error} />}
      </Card>
    </div>
  );
}
