/**
 * Puts people and money on a local chain: attested reserves, a minter, the demo partner's treasury, the settlement operator, a
 * frozen supplier; and the cover, with its products and capital (localInsurance.ts). The accounts are those of Hardhat's public mnemonic, so it refuses every other chain.
 *
 *   node scripts/deploy/local.ts --rpc-url http://127.0.0.1:8545
 */
import { encodeBytes32String, parseEther, Signature } from 'ethers';
import hre from 'hardhat';
import type { Deployment } from '../../services/core/deployment.ts';
import { packMedians, packValues, pricesTypes } from '../../services/core/oracleReport.ts';
import { ConfigError } from '../../services/platform/config.ts';
import type { Escrow, OracleHub, PaymentRouter, Stablecoin } from '../../typechain-types/index.ts';
import { readOptions, runCommandLine } from '../cli.ts';
import { deploy } from './deploy.ts';
import { feedKinds, reserveFeed } from './ignition/modules/Oracle.ts';
import { localAccounts } from './localAccounts.ts';
import { seedLocalInsurance } from './localInsurance.ts';
import { localReporters } from './localReporters.ts';

export { localAccounts };

const COIN = 1_000_000n;
/** In minor units: 10,000,000,000.00 of each currency. */
const attestedReserve = 1_000_000_000_000n;
const treasuryFunds = 1_000_000n * COIN;
const mintLimit = { capacity: 1_000_000_000n * COIN, windowSeconds: 3_600 };
/** What a reporter's account has for its transactions. */
const reporterFunds = parseEther('10');
const rate = {
  kind: feedKinds.PRICE,
  decimals: 8,
  maxAgeSeconds: 600,
  maxDeviationBps: 200,
  minValue: 1n,
  maxValue: 10n ** 15n,
};
const observation = { kind: feedKinds.OBSERVATION, maxAgeSeconds: 0, maxDeviationBps: 0 };
/** What the oracle of a local chain has besides the reserves. */
const localFeeds = {
  'EUR/USD': rate,
  'GBP/USD': rate,
  'USD/CNY': rate,
  'flight-delay-minutes': { ...observation, decimals: 0, minValue: -1_440n, maxValue: 100_000n },
  'rainfall-mm': { ...observation, decimals: 1, minValue: 0n, maxValue: 1_000_000n },
  'lowest-hourly-rate': { ...observation, decimals: 4, minValue: 0n, maxValue: 1_000_000n },
  'shipment-delay-minutes': { ...observation, decimals: 0, minValue: -1_000_000n, maxValue: 1_000_000n },
};
const operatorLimit = { limit: 1_000_000n * COIN, windowSeconds: 86_400 };

/**
 * Attests the reserves, adds feeds, gives the reporters money for gas, the minter its limit, the treasury 1,000,000 of each coin, router
 * and escrow the treasury's allowance, the operator its limits, and freezes the frozen supplier. Call it once, while the chain mines
 * each transaction at once.
 * @throws on any chain but a local one.
 */
export async function seedLocalChain(options: { rpcUrl: string; deployment: Deployment }): Promise<void> {
  const { deployment } = options;
  const connection = await hre.network.create({ network: 'remote', override: { url: options.rpcUrl } });
  try {
    const { ethers } = connection;
    const { chainId } = await ethers.provider.getNetwork();
    if (chainId !== 31_337n || deployment.chainId !== 31_337) {
      throw new Error(`Chain ${chainId} is not a local one (31337): its accounts are nobody's to play with.`);
    }
    const signers = await ethers.getSigners();
    const signer = (name: keyof typeof localAccounts) => {
      const found = signers[localAccounts[name]];
      if (!found) throw new Error(`The node has no account ${localAccounts[name]} (${name}).`);
      return found;
    };
    const [admin, operator, minter] = [signer('admin'), signer('operator'), signer('minter')];
    const [treasury, frozenSupplier] = [signer('treasury'), signer('frozenSupplier')];
    const router = (await ethers.getContractAt(
      'PaymentRouter',
      deployment.paymentRouter,
      treasury,
    )) as unknown as PaymentRouter;
    const escrow = (await ethers.getContractAt('Escrow', deployment.escrow, treasury)) as unknown as Escrow;
    const hub = (await ethers.getContractAt(
      'OracleHub',
      deployment.oracleHub,
      admin,
    )) as unknown as OracleHub;
    const symbols = Object.values(deployment.stablecoins).map(({ symbol }) => symbol);
    const observedAt = (await ethers.provider.getBlock('latest'))?.timestamp ?? 0;
    // A first price counts when a second round confirms it.
    for (const round of [1, 2]) await attestReserves(hub, symbols, round, observedAt - 2 + round);
    for (const [feed, rules] of Object.entries(localFeeds))
      await hub.addFeed(encodeBytes32String(feed), rules);
    for (const { address } of localReporters)
      await admin.sendTransaction({ to: address, value: reporterFunds });
    for (const { address } of Object.values(deployment.stablecoins)) {
      const coin = (await ethers.getContractAt('Stablecoin', address, admin)) as unknown as Stablecoin;
      await coin.configureMinter(minter, mintLimit.capacity, mintLimit.windowSeconds);
      await coin.connect(minter).mint(treasury, treasuryFunds);
      await coin.connect(treasury).approve(router, ethers.MaxUint256);
      await router.authorizeOperator(operator, address, operatorLimit.limit, operatorLimit.windowSeconds);
      await coin.connect(treasury).approve(escrow, ethers.MaxUint256);
      await escrow.authorizeOperator(operator, address, operatorLimit.limit, operatorLimit.windowSeconds);
      await coin.freeze(frozenSupplier);
    }
  } finally {
    await connection.close();
  }
}

/** What the reporters would observe in the custodian's statement, signed by all of them. */
async function attestReserves(
  hub: OracleHub,
  symbols: readonly string[],
  round: number,
  observedAt: number,
): Promise<void> {
  const { name, version, chainId, verifyingContract } = await hub.eip712Domain();
  const domain = { name, version, chainId, verifyingContract };
  const row = symbols.map(() => attestedReserve);
  const [setVersion, feeds] = [1, symbols.map(reserveFeed)];
  const message = { setVersion, round, observedAt, feeds, values: packValues(row) };
  const signatures = await Promise.all(
    localReporters.map(async (reporter) => {
      const { r, yParityAndS } = Signature.from(await reporter.signTypedData(domain, pricesTypes, message));
      return [r, yParityAndS];
    }),
  );
  const rows = localReporters.map(() => row);
  await hub.report(round, feeds, {
    setVersion,
    observedAt,
    reporters: (1 << localReporters.length) - 1,
    values: packValues(rows.flat()),
    medians: packMedians(rows),
    signatures: signatures.flat(),
  });
}

if (import.meta.main)
  await runCommandLine(async () => {
    const { 'rpc-url': rpcUrl } = readOptions(
      'node scripts/deploy/local.ts --rpc-url http://127.0.0.1:8545',
      {
        'rpc-url': { type: 'string' },
      },
    );
    if (!rpcUrl) throw new ConfigError('Say where the local chain is: --rpc-url http://127.0.0.1:8545');
    const deployment = await deploy({ rpcUrl });
    await seedLocalChain({ rpcUrl, deployment });
    await seedLocalInsurance({ rpcUrl, deployment });
    console.log(JSON.stringify(deployment, null, 2));
  });
