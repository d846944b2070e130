import { expect } from 'chai';
import { FUNDS, openChain, WINDOW_SECONDS } from './fixture.ts';

const { ethers, networkHelpers, accounts, corridor } = await openChain();
const { admin, minter, payer, frozen, recipient, stranger } = accounts;
const CAPACITY = 10n * FUNDS;

describe('Stablecoin mint', () => {
  it('creates money within the minter’s limit', async () => {
    const { coin } = await corridor();
    const mint = coin.connect(minter).mint(recipient, 5n);
    await expect(mint).to.emit(coin, 'Transfer').withArgs(ethers.ZeroAddress, recipient, 5n);
    await expect(mint).to.changeTokenBalance(ethers, coin, recipient, 5n);
    expect(await coin.totalSupply()).to.equal(2n * FUNDS + 5n);
  });

  it('beyond the limit reverts with what is left', async () => {
    const { coin } = await corridor();
    await coin.configureMinter(minter, 100n, WINDOW_SECONDS);
    await coin.connect(minter).mint(recipient, 100n);
    await expect(coin.connect(minter).mint(recipient, 100n))
      .to.be.revertedWithCustomError(coin, 'MintLimitExceeded')
      .withArgs(minter, (available: bigint) => available < 100n, 100n);
    await expect(coin.connect(stranger).mint(stranger, 0n))
      .to.be.revertedWithCustomError(coin, 'MintLimitExceeded')
      .withArgs(stranger, 0n, 0n);
    await expect(coin.connect(stranger).mint(stranger, 1n))
      .to.be.revertedWithCustomError(coin, 'MintLimitExceeded')
      .withArgs(stranger, 0n, 1n);
  });

  it('has its limit back after the window, half of it after half, rounded down', async () => {
    const { coin } = await corridor();
    await coin.configureMinter(minter, 1_001n, WINDOW_SECONDS);
    await coin.connect(minter).mint(recipient, 1_001n);
    expect(await coin.minterAllowance(minter)).to.deep.equal([0n, 1_001n, BigInt(WINDOW_SECONDS)]);
    await networkHelpers.time.increase(WINDOW_SECONDS / 2);
    expect((await coin.minterAllowance(minter)).available).to.equal(500n);
    await networkHelpers.time.increase(WINDOW_SECONDS);
    expect((await coin.minterAllowance(minter)).available).to.equal(1_001n);
  });

  it('to a frozen account, or to nobody, reverts', async () => {
    const { coin } = await corridor();
    await expect(coin.connect(minter).mint(frozen, 1n))
      .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
      .withArgs(frozen);
    for (const nobody of [ethers.ZeroAddress, await coin.getAddress()]) {
      await expect(coin.connect(minter).mint(nobody, 1n))
        .to.be.revertedWithCustomError(coin, 'ERC20InvalidReceiver')
        .withArgs(nobody);
    }
  });

  it('reverts while paused', async () => {
    const { coin } = await corridor();
    await coin.pause();
    await expect(coin.connect(minter).mint(recipient, 1n)).to.be.revertedWithCustomError(
      coin,
      'TokenIsPaused',
    );
  });

  it('given a mint guard, goes as far as the guard agrees', async () => {
    const { coin } = await corridor();
    const guard = await ethers.deployContract('ReserveGuard', [2n * FUNDS + 1n]);
    await expect(coin.setMintGuard(guard)).to.emit(coin, 'MintGuardSet').withArgs(ethers.ZeroAddress, guard);
    expect(await coin.mintGuard()).to.equal(await guard.getAddress());
    await coin.connect(minter).mint(recipient, 1n);
    await expect(coin.connect(minter).mint(recipient, 1n))
      .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
      .withArgs(coin, 2n * FUNDS + 1n, 2n * FUNDS + 2n);
  });
});

describe('Stablecoin configureMinter', () => {
  it('gives a full limit', async () => {
    const { coin } = await corridor();
    await coin.connect(minter).mint(recipient, CAPACITY / 2n);
    await expect(coin.configureMinter(minter, 70n, 8))
      .to.emit(coin, 'MinterConfigured')
      .withArgs(minter, 70n, 8);
    expect(await coin.minterAllowance(minter)).to.deep.equal([70n, 70n, 8n]);
  });

  it('takes the right to mint away with a limit of 0', async () => {
    const { coin } = await corridor();
    await coin.configureMinter(minter, 0n, 0);
    expect(await coin.minterAllowance(minter)).to.deep.equal([0n, 0n, 0n]);
    await expect(coin.connect(minter).mint(recipient, 1n))
      .to.be.revertedWithCustomError(coin, 'MintLimitExceeded')
      .withArgs(minter, 0n, 1n);
  });

  it('given a limit without a window, reverts', async () => {
    const { coin } = await corridor();
    await expect(coin.configureMinter(minter, 1n, 0))
      .to.be.revertedWithCustomError(coin, 'WindowInvalid')
      .withArgs(0, 1);
  });
});

describe('Stablecoin of a bridge', () => {
  const BRIDGE = 4n;

  async function withBridge() {
    const { coin, manager } = await corridor();
    await manager.connect(admin).grantRole(BRIDGE, stranger, 0);
    return { coin, bridge: coin.connect(stranger) };
  }

  it('crosschainMint creates money within the bridge’s limit as a minter', async () => {
    const { coin, bridge } = await withBridge();
    await expect(bridge.crosschainMint(recipient, 1n)).to.be.revertedWithCustomError(
      coin,
      'MintLimitExceeded',
    );
    await coin.configureMinter(stranger, 5n, WINDOW_SECONDS);
    await expect(bridge.crosschainMint(recipient, 5n))
      .to.emit(coin, 'CrosschainMint')
      .withArgs(recipient, 5n, stranger);
    expect(await coin.balanceOf(recipient)).to.equal(5n);
  });

  it('crosschainBurn destroys money out of the allowance that the bridge was given', async () => {
    const { coin, bridge } = await withBridge();
    await expect(bridge.crosschainBurn(payer, 5n))
      .to.be.revertedWithCustomError(coin, 'ERC20InsufficientAllowance')
      .withArgs(stranger, 0n, 5n);
    await coin.connect(payer).approve(stranger, 5n);
    await expect(bridge.crosschainBurn(payer, 5n))
      .to.emit(coin, 'CrosschainBurn')
      .withArgs(payer, 5n, stranger);
    expect(await coin.balanceOf(payer)).to.equal(FUNDS - 5n);
    expect(await coin.totalSupply()).to.equal(2n * FUNDS - 5n);
  });

  it('both revert while paused', async () => {
    const { coin, bridge } = await withBridge();
    await coin.pause();
    await expect(bridge.crosschainMint(recipient, 0n)).to.be.revertedWithCustomError(coin, 'TokenIsPaused');
    await expect(bridge.crosschainBurn(payer, 0n)).to.be.revertedWithCustomError(coin, 'TokenIsPaused');
  });
});
