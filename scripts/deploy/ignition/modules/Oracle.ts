import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { encodeBytes32String, ZeroAddress } from 'ethers';
import { grantAccess } from '../access.ts';
import Payments from './Payments.ts';

/** Kinds of feeds, as `IOracleHub.FeedKind` numbers them. */
export const feedKinds = { PRICE: 1, OBSERVATION: 2 } as const;

/** What is attested of each stablecoin's reserve, by its symbol: whole minor units, from the custodian's statement. */
export const reserveFeed = (symbol: string) => encodeBytes32String(`${symbol}/reserve`);
const reserveRules = {
  kind: feedKinds.PRICE,
  decimals: 2,
  maxAgeSeconds: 36 * 3_600, // attested once a day, with half a day for a late statement
  maxDeviationBps: 2_000,
  // What is out of bounds is not heard: an overdrawn account must be, or the reserve before it would go on to count.
  minValue: -(10n ** 16n),
  maxValue: 10n ** 16n,
};

/**
 * The oracle with its first reporters, a reserve feed for each stablecoin, and the guard that lets no stablecoin be minted
 * beyond its reserve. Nothing can be minted before the reporters have attested one.
 *
 * Parameters: `reporters` (3f + 1 addresses), `reporterSetDelaySeconds`, the accounts `mintAdmin` and `oracleAdmin` (default: the
 * deployer), and `executionDelaySeconds`, how long a change of theirs is visible before it can be executed.
 */
export default buildModule('Oracle', (m) => {
  const { accessManager, usd, eur, cny } = m.useModule(Payments);
  const oracleHub = m.contract('OracleHub', [
    accessManager,
    m.getParameter('reporterSetDelaySeconds', 86_400),
    m.getParameter('reporters', [ZeroAddress]),
  ]);
  const delay = m.getParameter('executionDelaySeconds', 86_400);
  const reserveMintGuard = m.contract('ReserveMintGuard', [accessManager, oracleHub]);
  // While the deployer is ADMIN and nobody else may: afterwards these take ORACLE_ADMIN's and MINT_ADMIN's delay.
  const coins = Object.entries({ cUSD: usd, cEUR: eur, cCNH: cny });
  const firstRules = coins.map(([symbol, coin]) => {
    const arguments_ = [reserveFeed(symbol), reserveRules];
    const added = m.call(oracleHub, 'addFeed', arguments_, { id: `${symbol}_feed` });
    const reserve = m.call(reserveMintGuard, 'setReserveFeed', [coin, reserveFeed(symbol)], {
      id: `${symbol}_reserve`,
      after: [added],
    });
    return m.call(coin, 'setMintGuard', [reserveMintGuard], { id: `${symbol}_guard`, after: [reserve] });
  });
  grantAccess(
    m,
    accessManager,
    {
      newRoles: ['MINT_ADMIN', 'ORACLE_ADMIN'],
      permissions: [
        {
          target: oracleHub,
          functions: {
            ORACLE_ADMIN: [
              'addFeed(bytes32,(uint8,uint8,uint32,uint16,int96,int96))',
              'updateFeed(bytes32,uint32,uint16,int96,int96)',
              'scheduleReporterSet(address[])',
            ],
            GUARDIAN: ['cancelReporterSet(uint32)'],
          },
        },
        { target: reserveMintGuard, functions: { MINT_ADMIN: ['setReserveFeed(address,bytes32)'] } },
        ...coins.map(([, coin]) => ({
          target: coin,
          functions: {
            MINT_ADMIN: ['setMintGuard(address)', 'configureMinter(address,uint96,uint24)'] as const,
          },
        })),
      ],
      members: [
        { role: 'MINT_ADMIN', account: m.getParameter('mintAdmin', m.getAccount(0)), delay },
        { role: 'ORACLE_ADMIN', account: m.getParameter('oracleAdmin', m.getAccount(0)), delay },
      ],
    },
    firstRules,
  );
  return { oracleHub, reserveMintGuard };
});
