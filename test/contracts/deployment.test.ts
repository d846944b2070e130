import { expect } from 'chai';
import { network } from 'hardhat';
import { roles } from '../../scripts/deploy/ignition/access.ts';
import HandOver from '../../scripts/deploy/ignition/modules/HandOver.ts';
import { reserveFeed } from '../../scripts/deploy/ignition/modules/Oracle.ts';
import type {
  AccessManager,
  CoverPool,
  Escrow,
  LedgerAnchor,
  OracleHub,
  ParametricCover,
  PaymentRouter,
  ReserveMintGuard,
  Stablecoin,
} from '../../typechain-types/index.ts';
import { deploymentParameters } from './support/deploymentParameters.ts';

const DAY = 86_400;
const { ethers, ignition, networkHelpers } = await network.create();
const signers = await ethers.getSigners();
const [deployer, admin, guardian, compliance, mintAdmin] = signers;
if (!deployer || !admin || !guardian || !compliance || !mintAdmin) throw new Error('Too few accounts.');

async function deployForOthers() {
  const { parameters } = deploymentParameters(signers, DAY);
  const deployed = await ignition.deploy(HandOver, { parameters });
  const { usd, eur, cny, paymentRouter, accessManager, ...others } = deployed;
  return {
    coins: [usd, eur, cny] as unknown as Stablecoin[],
    router: paymentRouter as unknown as PaymentRouter,
    manager: accessManager as unknown as AccessManager,
    escrow: others.escrow as unknown as Escrow,
    hub: others.oracleHub as unknown as OracleHub,
    guard: others.reserveMintGuard as unknown as ReserveMintGuard,
    pool: others.coverPool as unknown as CoverPool,
    cover: others.parametricCover as unknown as ParametricCover,
    anchor: others.ledgerAnchor as unknown as LedgerAnchor,
  };
}

describe('Deployment with roles for others than the deployer', () => {
  it('makes three stablecoins and a router under one AccessManager', async () => {
    const { coins, router, manager } = await networkHelpers.loadFixture(deployForOthers);
    expect(await Promise.all(coins.map((coin) => coin.symbol()))).to.deep.equal(['cUSD', 'cEUR', 'cCNH']);
    for (const contract of [...coins, router]) {
      expect(await contract.authority()).to.equal(await manager.getAddress());
    }
  });

  it('puts escrow, oracle, insurance and ledger under the same manager and knots them together', async () => {
    const { coins, router, manager, escrow, hub, guard, pool, cover, anchor } =
      await networkHelpers.loadFixture(deployForOthers);
    for (const contract of [escrow, hub, guard, pool, cover, anchor])
      expect(await contract.authority()).to.equal(await manager.getAddress());
    expect(await escrow.paymentRouter()).to.equal(await router.getAddress());
    expect(await guard.oracle()).to.equal(await hub.getAddress());
    expect(await pool.asset()).to.equal(await coins[0]?.getAddress());
    expect(await pool.cover()).to.equal(await cover.getAddress());
    expect(await cover.pool()).to.equal(await pool.getAddress());
    expect(await cover.oracle()).to.equal(await hub.getAddress());
    const [version, reporters] = await hub.reporterSet();
    expect(version).to.equal(1n);
    expect(reporters).to.have.length(4);
    expect(await hub.reporterSetDelaySeconds()).to.equal(BigInt(DAY));
  });

  it('lets nobody mint a coin whose reserve is not attested', async () => {
    const { coins, guard, hub } = await networkHelpers.loadFixture(deployForOthers);
    for (const coin of coins) {
      expect(await coin.mintGuard()).to.equal(await guard.getAddress());
      await expect(guard.checkMint(coin, 1n)).to.be.revertedWithCustomError(hub, 'ValueIsStale');
    }
  });

  it('hears of a negative reserve as of any other: what is out of bounds would leave the last one to count', async () => {
    const { hub } = await networkHelpers.loadFixture(deployForOthers);
    for (const symbol of ['cUSD', 'cEUR', 'cCNH'])
      expect((await hub.feedOf(reserveFeed(symbol))).minValue).to.equal(-(10n ** 16n));
  });

  it('leaves the deployer nothing', async () => {
    const { manager } = await networkHelpers.loadFixture(deployForOthers);
    for (const role of Object.values(roles)) {
      expect((await manager.hasRole(role, deployer)).isMember, `role ${role}`).to.equal(false);
    }
    expect(await manager.hasRole(roles.ADMIN, admin)).to.deep.equal([true, BigInt(DAY)]);
  });

  it('lets the guardian stop and compliance freeze at once', async () => {
    const { coins, router } = await networkHelpers.loadFixture(deployForOthers);
    for (const contract of [...coins, router]) await contract.connect(guardian).pause();
    for (const coin of coins) await coin.connect(compliance).freeze(deployer);
  });

  it('lets the minting change only after the delay, in which the guardian can stop it', async () => {
    const { coins, manager } = await networkHelpers.loadFixture(deployForOthers);
    const [coin] = coins;
    if (!coin) throw new Error('There is no stablecoin.');
    const change = coin.interface.encodeFunctionData('configureMinter', [mintAdmin.address, 1n, 1]);
    await expect(coin.connect(mintAdmin).configureMinter(mintAdmin, 1n, 1)).to.be.revertedWithCustomError(
      manager,
      'AccessManagerNotScheduled',
    );

    await manager.connect(mintAdmin).schedule(coin, change, 0);
    await manager.connect(guardian).cancel(mintAdmin, coin, change);
    await networkHelpers.time.increase(DAY);
    await expect(manager.connect(mintAdmin).execute(coin, change)).to.be.revertedWithCustomError(
      manager,
      'AccessManagerNotScheduled',
    );

    await manager.connect(mintAdmin).schedule(coin, change, 0);
    await networkHelpers.time.increase(DAY);
    await expect(coin.connect(mintAdmin).configureMinter(mintAdmin, 1n, 1)).to.emit(coin, 'MinterConfigured');
  });

  it('lets nobody but the admin, after the delay, end a stop', async () => {
    const { router, manager } = await networkHelpers.loadFixture(deployForOthers);
    await router.connect(guardian).pause();
    await expect(router.connect(guardian).unpause()).to.be.revertedWithCustomError(
      router,
      'AccessManagedUnauthorized',
    );
    await manager.connect(admin).schedule(router, router.interface.encodeFunctionData('unpause'), 0);
    await networkHelpers.time.increase(DAY);
    await expect(router.connect(admin).unpause()).to.emit(router, 'Unpaused');
  });

  it('gives the bridge’s functions to nobody yet', async () => {
    const { coins } = await networkHelpers.loadFixture(deployForOthers);
    for (const signer of signers) {
      const mint = coins[0]?.connect(signer).crosschainMint(signer, 1n);
      await expect(mint).to.be.revertedWithCustomError(coins[0] as Stablecoin, 'AccessManagedUnauthorized');
    }
  });
});
