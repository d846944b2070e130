import { expect } from 'chai';
import { network } from 'hardhat';
import HandOver from '../../scripts/deploy/ignition/modules/HandOver.ts';
import { roles } from '../../scripts/deploy/ignition/modules/Payments.ts';
import type { AccessManager, PaymentRouter, Stablecoin } from '../../typechain-types/index.ts';

const DAY = 86_400;
const { ethers, ignition, networkHelpers } = await network.create();
const signers = await ethers.getSigners();
const [deployer, admin, guardian, compliance, mintAdmin] = signers;
if (!deployer || !admin || !guardian || !compliance || !mintAdmin) throw new Error('Too few accounts.');

async function deployForOthers() {
  const parameters = {
    Payments: {
      guardian: guardian?.address ?? '',
      compliance: compliance?.address ?? '',
      mintAdmin: mintAdmin?.address ?? '',
      executionDelaySeconds: DAY,
    },
    HandOver: { admin: admin?.address ?? '', executionDelaySeconds: DAY },
  };
  const { usd, eur, cny, paymentRouter, accessManager } = await ignition.deploy(HandOver, { parameters });
  return {
    coins: [usd, eur, cny] as unknown as Stablecoin[],
    router: paymentRouter as unknown as PaymentRouter,
    manager: accessManager as unknown as AccessManager,
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
