/** The oracle's gas, whole transactions. */
import { agree, feedName, reporterWallets, signPrices } from '../../test/contracts/oracle/reporters.ts';
import type { AccessManager, OracleHub } from '../../typechain-types/index.ts';
import { gasOf, openChain, STARTS_AT } from './chain.ts';
import type { Operation } from './measure.ts';

const NAMES = [
  'EUR/USD',
  'CNH/USD',
  'GBP/USD',
  'JPY/USD',
  'SGD/USD',
  'HKD/USD',
  'cUSD/reserve',
  'cEUR/reserve',
];
/** With 8 decimals. */
const VALUES = [
  108_123_456n,
  13_912_345n,
  127_012_345n,
  665_432n,
  74_512_345n,
  12_812_345n,
  12_345_678_901_234_567n,
  4_567_890_123_456_789n,
];

/**
 * A report of 8 price feeds under the signatures of 5 of 7 reporters, each of whom observed something else; each feed had
 * a value before. There is no peer to install.
 */
export async function measureOracle(): Promise<Operation> {
  const { ethers, networkHelpers } = await openChain();
  const [owner] = await ethers.getSigners();
  if (!owner) throw new Error('The in-process chain has no accounts.');
  const wallets = reporterWallets(7);
  const manager = (await ethers.deployContract('AccessManager', [owner])) as unknown as AccessManager;
  const hub = (await ethers.deployContract('OracleHub', [manager, 86_400, wallets])) as unknown as OracleHub;
  const feeds = NAMES.map(feedName);
  for (const feed of feeds) {
    await hub.addFeed(feed, {
      kind: 1,
      decimals: 8,
      maxAgeSeconds: 3_600,
      maxDeviationBps: 200,
      minValue: 1,
      maxValue: 10n ** 20n,
    });
  }

  let gas = 0;
  // The first value waits for the second, which confirms it; the third is one like all that follow.
  for (const round of [1, 2, 3]) {
    const observedAt = BigInt(STARTS_AT + round * 3_600);
    const rows = Object.fromEntries(
      Object.keys(agree(5, [])).map((row) => [
        row,
        VALUES.map((value) => (value * (10_000n + BigInt(((Number(row) * 3 + round) % 5) - 2))) / 10_000n),
      ]),
    );
    const signed = await signPrices(hub, wallets, { round, observedAt, feeds, rows });
    await networkHelpers.time.setNextBlockTimestamp(observedAt + 12n);
    gas = await gasOf(hub.report(...signed));
  }
  return {
    name: 'oracle.report.feeds8.signers5',
    gas,
    peer: null,
    peerGas: null,
  };
}
