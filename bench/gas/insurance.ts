/** The insurance's gas, whole transactions. */
import type { BaseContract } from 'ethers';
import { agree, feedName, reporterWallets, signObservations } from '../../test/contracts/oracle/reporters.ts';
import type {
  AccessManager,
  CoverPool,
  OracleHub,
  ParametricCover,
  Stablecoin,
} from '../../typechain-types/index.ts';
import { gasOf, openChain } from './chain.ts';
import type { Operation } from './measure.ts';
import { deployPeers } from './peers.ts';

const POLICIES = 100;
const DAY = 86_400n;
const CAPITAL = 10n ** 12n;
const FEED = feedName('flight-delay-minutes');

/**
 * A risk of 100 policies to holders who have the token already: settled by an observation of the oracle while another risk
 * of the same day is open, and paid in one batch; and a deposit by who has shares already. On a chain of its own, because it
 * lasts for days.
 */
export async function measureInsurance(): Promise<Operation[]> {
  const { ethers, networkHelpers } = await openChain();
  const [owner] = await ethers.getSigners();
  if (!owner) throw new Error('The in-process chain has no accounts.');
  const { openZeppelin, openZeppelinVault: vault } = await deployPeers(owner);
  const deploy = async <T>(name: string, ...parameters: unknown[]) =>
    (await ethers.deployContract(name, parameters)) as unknown as T;
  const manager = await deploy<AccessManager>('AccessManager', owner);
  const wallets = reporterWallets(7);
  const hub = await deploy<OracleHub>('OracleHub', manager, DAY, wallets);
  const insure = async (asset: unknown) => {
    const pool = await deploy<CoverPool>('CoverPool', asset, 'Corridor cover', 'cCOVER', manager, DAY, DAY);
    const cover = await deploy<ParametricCover>('ParametricCover', pool, hub, manager);
    await pool.setCover(cover);
    return { pool, cover };
  };

  const coin = await deploy<Stablecoin>('Stablecoin', 'Corridor USD', 'cUSD', manager);
  const { pool, cover } = await insure(coin);
  await coin.configureMinter(owner, 2n ** 95n, DAY);
  await coin.mint(owner, 2n * CAPITAL);
  await coin.approve(pool, ethers.MaxUint256);
  await pool['deposit(uint256,address)'](CAPITAL, owner);
  await hub.addFeed(FEED, {
    kind: 2,
    decimals: 0,
    maxAgeSeconds: 0,
    maxDeviationBps: 0,
    minValue: 0,
    maxValue: 100_000,
  });
  await cover.createProduct(terms, [
    { threshold: 60, payoutBps: 2_500 },
    { threshold: 120, payoutBps: 5_000 },
    { threshold: 240, payoutBps: 10_000 },
  ]);

  const windowStart = (BigInt(await networkHelpers.time.latest()) / DAY + 3n) * DAY;
  const window = { subject: ethers.id('flight'), windowStart, windowEnd: windowStart + 14_400n };
  const holders = Array.from({ length: POLICIES }, (_, i) =>
    ethers.computeAddress(ethers.id(`existing ${i}`)),
  );
  const order = { ...window, productId: 1, insured: 10n ** 8n, maxPremium: CAPITAL, transferable: false };
  const subjects = [window.subject, ethers.id('another flight')];
  for (const subject of subjects) await cover.openRisk(1, subject, window.windowStart, window.windowEnd);
  for (const holder of holders) {
    await coin.transfer(holder, 1n);
    await cover.issue({ ...order, holder });
  }
  await cover.issue({ ...order, subject: subjects.at(-1) ?? '', holder: owner });
  await networkHelpers.time.increaseTo(window.windowEnd);
  const report = {
    observedAt: window.windowEnd,
    rows: agree(5, [300n]),
    windows: [{ feed: FEED, ...window }],
  };
  await hub.reportObservations(...(await signObservations(hub, wallets, report)));
  const settlement = await gasOf(cover.settleRisk(1));
  const payment = await gasOf(
    cover.payPolicies(
      1,
      holders.map((_, i) => i + 1),
    ),
  );

  const token = openZeppelin.attach(await vault.getFunction('asset')()) as BaseContract;
  const insured = await insure(token);
  const [holder = owner.address] = holders;
  await token.getFunction('transfer')(holder, 1n);
  const deposit = async (of: BaseContract) => {
    await token.getFunction('approve')(of, ethers.MaxUint256);
    for (const amount of [CAPITAL, CAPITAL]) await of.getFunction('deposit')(amount, owner);
    return await gasOf(of.getFunction('deposit')(CAPITAL, owner));
  };
  return [
    { name: 'insurance.settleRisk', gas: settlement, peer: null, peerGas: null },
    {
      name: 'insurance.payBatch100',
      gas: Math.ceil(payment / POLICIES),
      peer: 'OpenZeppelin ERC20 transfer',
      peerGas: await gasOf(token.getFunction('transfer')(holder, 1n)),
    },
    {
      name: 'insurance.deposit',
      gas: await deposit(insured.pool as unknown as BaseContract),
      peer: 'OpenZeppelin ERC4626',
      peerGas: await deposit(vault),
    },
  ];
}

const terms = {
  feed: FEED,
  clusterMask: `0x${'ff'.repeat(32)}`,
  operator: 0,
  waitingPeriodSeconds: DAY,
  minWindowSeconds: 3_600,
  maxWindowSeconds: DAY,
  maxLeadSeconds: 7n * DAY,
  graceSeconds: DAY,
  expectedLossPpm: 30_000,
  loadPpm: 200_000,
  capitalChargePpmPerYear: 100_000,
  maxInsuredPerRisk: CAPITAL,
  maxInsuredPerCluster: CAPITAL,
};
