import { expect } from 'chai';
import type { ReserveMintGuard, Stablecoin } from '../../../typechain-types/index.ts';
import {
  EUR_USD,
  FLIGHT_DELAY,
  MAX_AGE_SECONDS,
  openChain,
  PRICE_CONFIG,
  RESERVE,
  UNKNOWN,
} from '../oracle/fixture.ts';
import { agree, feedName } from '../oracle/reporters.ts';

const { oracle, report, now, ethers, networkHelpers, accounts } = await openChain();
const { admin, guardian: minter, transmitter: otherMinter, stranger } = accounts;

const COIN = 1_000_000n;
/** The feed has 2 decimals, the coin 6. */
const CENT = 10_000n;

type Deployed = Awaited<ReturnType<typeof oracle>>;

const attest = async (hub: Deployed['hub'], round: number, value: bigint, feed = RESERVE) =>
  await report(hub, round, value, { feeds: [feed], rows: agree(5, [value]) });

/** A stablecoin bound to a reserve of 1,000.00, two minters, nothing minted. */
async function withReserve() {
  const deployed = await oracle();
  const { hub, manager } = deployed;
  const coin = (await ethers.deployContract('Stablecoin', [
    'Corridor USD',
    'cUSD',
    manager,
  ])) as unknown as Stablecoin;
  const guard = (await ethers.deployContract('ReserveMintGuard', [
    manager,
    hub,
  ])) as unknown as ReserveMintGuard;
  for (const account of [minter, otherMinter]) await coin.configureMinter(account, 10n ** 18n, 1);
  await coin.setMintGuard(guard);
  await guard.setReserveFeed(coin, RESERVE);
  await attest(hub, 1, 100_000n);
  await attest(hub, 2, 100_000n);
  return { ...deployed, coin, guard };
}

describe('ReserveMintGuard, given an attested reserve', () => {
  it('lets minters create the reserve to the last unit, and not one more', async () => {
    const { coin, guard } = await withReserve();
    expect(await guard.reserveOf(coin)).to.equal(1_000n * COIN);
    await coin.connect(minter).mint(stranger, 1_000n * COIN - 1n);
    await expect(coin.connect(minter).mint(stranger, 2n))
      .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
      .withArgs(coin, 1_000n * COIN, 1_000n * COIN + 1n);
    await coin.connect(minter).mint(stranger, 1n);
    expect(await coin.totalSupply()).to.equal(1_000n * COIN);
    await expect(coin.connect(minter).mint(stranger, 1n)).to.be.revertedWithCustomError(
      guard,
      'ReserveExceeded',
    );
  });

  it('counts what others minted, also in the same block', async () => {
    const { coin } = await withReserve();
    await networkHelpers.mine();
    const { provider } = ethers;
    await provider.send('evm_setAutomine', [false]);
    const race = await Promise.all(
      [minter, otherMinter].map((account) =>
        coin.connect(account).mint(account, 600n * COIN, { gasLimit: 500_000 }),
      ),
    );
    await networkHelpers.mine();
    await provider.send('evm_setAutomine', [true]);
    const receipts = await Promise.all(
      race.map(async ({ hash }) => await provider.getTransactionReceipt(hash)),
    );
    expect(receipts.map((receipt) => receipt?.status)).to.have.members([0, 1]);
    expect(await coin.totalSupply()).to.equal(600n * COIN);
  });

  it('given the reserve sinks below the supply, stops minting, and nothing else', async () => {
    const { coin, guard, hub } = await withReserve();
    await coin.connect(minter).mint(stranger, 1_000n * COIN);
    await attest(hub, 3, 98_000n);
    expect(await guard.reserveOf(coin)).to.equal(980n * COIN);
    await expect(coin.connect(minter).mint(stranger, 0n))
      .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
      .withArgs(coin, 980n * COIN, 1_000n * COIN);
    await coin.connect(stranger).transfer(minter, 30n * COIN);
    await coin.connect(minter).burn(30n * COIN);
    await coin.connect(minter).mint(minter, 10n * COIN);
    expect(await coin.totalSupply()).to.equal(980n * COIN);
  });

  it('counts a lower reserve while it is held, a higher one not', async () => {
    const { coin, guard, hub } = await withReserve();
    await attest(hub, 3, 50_000n);
    expect((await hub.read(RESERVE)).value).to.equal(100_000n);
    expect(await guard.reserveOf(coin)).to.equal(500n * COIN);
    await attest(hub, 4, 200_000n);
    expect(await guard.reserveOf(coin)).to.equal(1_000n * COIN);
    await attest(hub, 5, 200_000n);
    expect(await guard.reserveOf(coin)).to.equal(2_000n * COIN);
  });

  it('counts a reserve of nothing while it is held', async () => {
    const { coin, guard, hub } = await withReserve();
    await attest(hub, 3, 0n);
    expect(await guard.reserveOf(coin)).to.equal(0n);
    await expect(coin.connect(minter).mint(stranger, 1n))
      .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
      .withArgs(coin, 0n, 1n);
  });

  it('refuses a negative one, held or confirmed', async () => {
    const { coin, guard, hub } = await withReserve();
    for (const round of [3, 4]) {
      await attest(hub, round, -1n);
      await expect(coin.connect(minter).mint(stranger, 1n))
        .to.be.revertedWithCustomError(guard, 'ReserveNegative')
        .withArgs(coin, -1n);
    }
    await expect(guard.reserveOf(coin)).to.be.revertedWithCustomError(guard, 'ReserveNegative');
  });

  it('refuses a stale one, from the second after its max age on', async () => {
    const { coin, guard, hub } = await withReserve();
    const { observedAt } = await hub.priceOf(RESERVE);
    await networkHelpers.time.setNextBlockTimestamp(observedAt + MAX_AGE_SECONDS);
    await coin.connect(minter).mint(stranger, COIN);
    const time = observedAt + MAX_AGE_SECONDS + 1n;
    await networkHelpers.time.increaseTo(time);
    await expect(guard.checkMint(coin, 1n))
      .to.be.revertedWithCustomError(hub, 'ValueIsStale')
      .withArgs(RESERVE, observedAt, MAX_AGE_SECONDS, time);
    await expect(coin.connect(minter).mint(stranger, 1n)).to.be.revertedWithCustomError(hub, 'ValueIsStale');
    await coin.connect(stranger).burn(COIN);
    await attest(hub, 3, 100_000n);
    await coin.connect(minter).mint(stranger, COIN);
  });

  it('given the token is one the minter’s limit stops first, leaves that to the token', async () => {
    const { coin } = await withReserve();
    await coin.configureMinter(minter, 5n, 1);
    await expect(coin.connect(minter).mint(stranger, 6n)).to.be.revertedWithCustomError(
      coin,
      'MintLimitExceeded',
    );
  });

  it('is the same in a call that mints twice: the second sees the first', async () => {
    const { coin, guard } = await withReserve();
    const account = await ethers.deployContract('DoubleMinter', [coin]);
    await coin.configureMinter(account, 10n ** 18n, 1);
    await expect(account.getFunction('mintTwice')(500n * COIN + 1n))
      .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
      .withArgs(coin, 1_000n * COIN, 1_000n * COIN + 2n);
    await account.getFunction('mintTwice')(500n * COIN);
    expect(await coin.totalSupply()).to.equal(1_000n * COIN);
  });
});

describe('ReserveMintGuard converts decimals exactly, down', () => {
  for (const { decimals, value, reserve } of [
    { decimals: 0n, value: 7n, reserve: 7_000_000n },
    { decimals: 6n, value: 1_234_567n, reserve: 1_234_567n },
    { decimals: 8n, value: 199n, reserve: 1n },
    { decimals: 8n, value: 99n, reserve: 0n },
    { decimals: 18n, value: 2n * 10n ** 12n - 1n, reserve: 1n },
    { decimals: 18n, value: 2n * 10n ** 12n, reserve: 2n },
    { decimals: 0n, value: 2n ** 95n - 1n, reserve: (2n ** 95n - 1n) * COIN },
  ]) {
    it(`of ${value} with ${decimals} decimals makes ${reserve} of 6`, async () => {
      const { hub, admined, coin, guard } = await withReserve();
      const feed = feedName(`reserve ${decimals}`);
      await admined.addFeed(feed, { ...PRICE_CONFIG, decimals, minValue: 0n, maxValue: 2n ** 95n - 1n });
      await guard.setReserveFeed(coin, feed);
      await attest(hub, 1, value, feed);
      await attest(hub, 2, value, feed);
      expect(await guard.reserveOf(coin)).to.equal(reserve);
      await guard.checkMint(coin, reserve);
      await expect(guard.checkMint(coin, reserve + 1n))
        .to.be.revertedWithCustomError(guard, 'ReserveExceeded')
        .withArgs(coin, reserve, reserve + 1n);
    });
  }

  it('also up to a token of 18 decimals', async () => {
    const { coin, hub, guard } = await withReserve();
    const token = await ethers.deployContract('TokenOfDecimals', [18]);
    await guard.setReserveFeed(coin, ethers.ZeroHash);
    await guard.setReserveFeed(token, RESERVE);
    expect(await guard.reserveOf(token)).to.equal(1_000n * 10n ** 18n);
    expect((await hub.read(RESERVE)).value * CENT).to.equal(1_000n * COIN);
  });
});

describe('ReserveMintGuard setReserveFeed', () => {
  it('says which feed attests a token, for each token by itself', async () => {
    const { hub, manager } = await oracle();
    const deployed = await ethers.deployContract('ReserveMintGuard', [manager, hub]);
    const guard = deployed as unknown as ReserveMintGuard;
    const [one, other] = [
      await ethers.deployContract('TokenOfDecimals', [6]),
      await ethers.deployContract('TokenOfDecimals', [6]),
    ];
    expect(await guard.oracle()).to.equal(await hub.getAddress());
    await expect(guard.setReserveFeed(one, RESERVE)).to.emit(guard, 'ReserveFeedSet').withArgs(one, RESERVE);
    expect(await guard.reserveFeedOf(one)).to.equal(RESERVE);
    expect(await guard.reserveFeedOf(other)).to.equal(ethers.ZeroHash);
    await guard.setReserveFeed(other, EUR_USD);
    expect(await guard.reserveFeedOf(one)).to.equal(RESERVE);
    await expect(guard.checkMint(one, 0n))
      .to.be.revertedWithCustomError(hub, 'ValueIsStale')
      .withArgs(RESERVE, 0n, MAX_AGE_SECONDS, await now());
  });

  it('to none refuses all mints', async () => {
    const { coin, guard } = await withReserve();
    await expect(guard.setReserveFeed(coin, ethers.ZeroHash))
      .to.emit(guard, 'ReserveFeedSet')
      .withArgs(coin, ethers.ZeroHash);
    await expect(coin.connect(minter).mint(stranger, 1n))
      .to.be.revertedWithCustomError(guard, 'ReserveFeedNotSet')
      .withArgs(coin);
  });

  it('refuses feeds that do not exist or have no price', async () => {
    const { coin, guard, hub } = await withReserve();
    await expect(guard.setReserveFeed(coin, UNKNOWN))
      .to.be.revertedWithCustomError(hub, 'FeedNotFound')
      .withArgs(UNKNOWN);
    await expect(guard.setReserveFeed(coin, FLIGHT_DELAY))
      .to.be.revertedWithCustomError(hub, 'FeedKindMismatch')
      .withArgs(FLIGHT_DELAY, 2n, 1n);
    expect(await guard.reserveFeedOf(coin)).to.equal(RESERVE);
  });

  it('refuses a token of more than 18 decimals', async () => {
    const { guard } = await withReserve();
    const token = await ethers.deployContract('TokenOfDecimals', [19]);
    await expect(guard.setReserveFeed(token, EUR_USD))
      .to.be.revertedWithCustomError(guard, 'DecimalsInvalid')
      .withArgs(token, 19n, 18n);
  });

  it('refuses a feed that backs another token, so that no reserve counts twice', async () => {
    const { coin, guard } = await withReserve();
    const other = await ethers.deployContract('TokenOfDecimals', [6]);
    await expect(guard.setReserveFeed(other, RESERVE))
      .to.be.revertedWithCustomError(guard, 'ReserveFeedTaken')
      .withArgs(RESERVE, coin, other);
    expect(await guard.reserveFeedOf(other)).to.equal(ethers.ZeroHash);
    expect(await guard.tokenOfReserveFeed(RESERVE)).to.equal(await coin.getAddress());
    await guard.setReserveFeed(coin, RESERVE);
    expect(await guard.tokenOfReserveFeed(RESERVE)).to.equal(await coin.getAddress());
  });

  for (const { how, next } of [
    { how: 'has none now', next: ethers.ZeroHash },
    { how: 'has another one now', next: EUR_USD },
  ])
    it(`takes a feed for another token when the first ${how}`, async () => {
      const { coin, guard } = await withReserve();
      const other = await ethers.deployContract('TokenOfDecimals', [6]);
      await guard.setReserveFeed(coin, next);
      expect(await guard.tokenOfReserveFeed(RESERVE)).to.equal(ethers.ZeroAddress);
      expect(await guard.tokenOfReserveFeed(ethers.ZeroHash)).to.equal(ethers.ZeroAddress);
      await expect(guard.setReserveFeed(other, RESERVE))
        .to.emit(guard, 'ReserveFeedSet')
        .withArgs(other, RESERVE);
      expect(await guard.tokenOfReserveFeed(RESERVE)).to.equal(await other.getAddress());
      await expect(guard.setReserveFeed(coin, RESERVE))
        .to.be.revertedWithCustomError(guard, 'ReserveFeedTaken')
        .withArgs(RESERVE, other, coin);
    });

  it('is restricted', async () => {
    const { coin, guard } = await withReserve();
    await expect(guard.connect(stranger).setReserveFeed(coin, RESERVE))
      .to.be.revertedWithCustomError(guard, 'AccessManagedUnauthorized')
      .withArgs(stranger);
    await guard.connect(admin).setReserveFeed(coin, RESERVE);
  });
});
