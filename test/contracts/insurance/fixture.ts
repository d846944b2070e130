import type { BaseContract, ContractRunner, Result } from 'ethers';
import type { AccessManager, CoverPool, OracleHub, ParametricCover } from '../../../typechain-types/index.ts';
import { agree, reporterWallets, signObservations } from '../oracle/reporters.ts';
import { openNamedChain } from '../support/chain.ts';

/** 10^6 units. */
export const COIN = 1_000_000n;
/** What the underwriter deposits. */
export const CAPITAL = 100_000n * COIN;
export const FUNDS = 1_000_000n * COIN;
export const HOUR = 3_600n;
export const DAY = 86_400n;
export const COOLDOWN = 7n * DAY;
export const CLAIM_WINDOW = 3n * DAY;
export const VIRTUAL_SHARES = 1_000_000n;
export const COVER_STEP = 10_000n;

export const operators = { atLeast: 0n, atMost: 1n };
export const states = { open: 0n, observed: 1n, silent: 2n };

/** A flight's delay in minutes: a quarter from an hour on, half from two, all from four. */
export const tiers = [
  { threshold: 60n, payoutBps: 2_500n },
  { threshold: 120n, payoutBps: 5_000n },
  { threshold: 240n, payoutBps: 10_000n },
];

/** The pool with ERC-4626's four verbs by their bare names: ethers tells them from those with a bound by their arguments. */
export type Pool = Omit<CoverPool, 'connect'> & {
  connect(runner: ContractRunner | null): Pool;
  deposit: CoverPool['deposit(uint256,address)'];
  mint: CoverPool['mint(uint256,address)'];
  redeem: CoverPool['redeem(uint256,address,address)'];
  withdraw: CoverPool['withdraw(uint256,address,address)'];
};

export interface Order {
  productId: bigint;
  subject: string;
  windowStart: bigint;
  windowEnd: bigint;
  insured: bigint;
  maxPremium: bigint;
  holder: string;
  transferable: boolean;
}

/**
 * A chain of its own for one test file, and `insurance`, the state in which each of its tests begins: a pool of cUSD bound to
 * its cover, capital of one underwriter, one product, and a buyer with money.
 */
export async function openChain() {
  const chain = await openNamedChain([
    'admin',
    'underwriter',
    'second',
    'buyer',
    'holder',
    'keeper',
    'stranger',
    'minter',
  ]);
  const { ethers, networkHelpers, accounts, deploy, deployManager, now, at } = chain;
  const { underwriter, second, buyer, holder, keeper, minter } = accounts;
  const reporters = reporterWallets(4);
  const FEED = ethers.encodeBytes32String('flight-delay-minutes');

  /** A flight from an airport; the airport is its cluster. */
  const flight = (airport: string, number = 1) => ethers.encodeBytes32String(`${airport}:${number}`);

  const terms = {
    feed: FEED,
    clusterMask: `0xffffff${'00'.repeat(29)}`,
    operator: operators.atLeast,
    waitingPeriodSeconds: DAY,
    minWindowSeconds: HOUR,
    maxWindowSeconds: 2n * DAY,
    maxLeadSeconds: 30n * DAY,
    graceSeconds: 2n * DAY,
    expectedLossPpm: 30_000n,
    loadPpm: 200_000n,
    capitalChargePpmPerYear: 100_000n,
    maxInsuredPerRisk: 1_000n * COIN,
    maxInsuredPerCluster: 1_500n * COIN,
  };

  /** An observation feed of whole minutes. */
  const minutes = {
    kind: 2n,
    decimals: 0n,
    maxAgeSeconds: 0n,
    maxDeviationBps: 0n,
    minValue: -1_000_000n,
    maxValue: 1_000_000n,
  };

  /** A pool of `asset`, unbound. */
  async function deployPool(asset: BaseContract | string, manager: AccessManager) {
    const names = ['Corridor cover', 'cCOVER'];
    return deploy<Pool>('CoverPool', [asset, ...names, manager, COOLDOWN, CLAIM_WINDOW]);
  }

  async function deployOracle(manager: AccessManager) {
    const oracle = await deploy<OracleHub>('OracleHub', [manager, DAY, reporters]);
    await oracle.addFeed(FEED, minutes);
    return oracle;
  }

  /** Pool, cover and oracle for `asset`, bound, with one product; nobody has money. */
  async function deployInsurance(asset: BaseContract) {
    const manager = await deployManager();
    const oracle = await deployOracle(manager);
    const pool = await deployPool(asset, manager);
    const cover = await deploy<ParametricCover>('ParametricCover', [pool, oracle, manager]);
    await pool.setCover(cover);
    await cover.createProduct(terms, tiers);
    return { manager, oracle, pool, cover };
  }

  async function deployFunded() {
    const coin = await chain.deployCoin(await deployManager());
    const insurance = await deployInsurance(coin);
    await coin.configureMinter(minter, 2n ** 95n, 1);
    for (const owner of [underwriter, second, buyer]) {
      await coin.connect(minter).mint(owner, FUNDS);
      await coin.connect(owner).approve(insurance.pool, ethers.MaxUint256);
    }
    await insurance.pool.connect(underwriter).deposit(CAPITAL, underwriter);
    return { coin, ...insurance };
  }

  /** The same with another token than the stablecoin, which everybody can mint. */
  async function deployWith(name: string) {
    const token = (await ethers.deployContract(name)) as BaseContract;
    const insurance = await deployInsurance(token);
    for (const owner of [underwriter, second, buyer]) {
      await token.getFunction('mint')(owner, FUNDS);
      await (token.connect(owner) as BaseContract).getFunction('approve')(insurance.pool, ethers.MaxUint256);
    }
    return { token, ...insurance };
  }

  /** A block at this time, so that views see it. */
  const arrive = async (timestamp: bigint) => {
    await networkHelpers.time.increaseTo(timestamp);
  };

  /** 100 insured on a flight whose window is 10:00 to 14:00, four days from now. */
  async function order(changes: Partial<Order> = {}): Promise<Order> {
    const windowStart = ((await now()) / DAY + 4n) * DAY + 10n * HOUR;
    return {
      productId: 1n,
      subject: flight('FRA'),
      windowStart,
      windowEnd: windowStart + 4n * HOUR,
      insured: 100n * COIN,
      maxPremium: ethers.MaxUint256,
      holder: holder.address,
      transferable: false,
      ...changes,
    };
  }

  /** Opens what is ordered for sale, unless it is. */
  async function open(cover: ParametricCover, { productId, subject, windowStart, windowEnd }: Order) {
    const risk = [productId, subject, windowStart, windowEnd] as const;
    if ((await cover.riskNumberOf(...risk)) === 0n) await cover.openRisk(...risk);
  }

  /** Sells cover to the buyer, on a risk that is opened if it was not, and says what was sold. */
  async function sell(cover: ParametricCover, changes: Partial<Order> = {}) {
    const ordered = await order(changes);
    await open(cover, ordered);
    const sale = await cover.connect(buyer).issue(ordered);
    const policyId = await cover.policyCount();
    const riskNumber = await cover.riskNumberOf(
      ordered.productId,
      ordered.subject,
      ordered.windowStart,
      ordered.windowEnd,
    );
    const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(policyId));
    if (!issued) throw new Error(`There is no event of policy ${policyId}.`);
    const { premium, capitalCharge } = issued.args;
    return {
      ...ordered,
      sale,
      policyId,
      riskNumber,
      premium,
      capitalCharge,
      unearned: premium - capitalCharge,
    };
  }

  /** All reporters observe this delay; the window must be over. */
  async function observe(oracle: OracleHub, sold: Order, delay: bigint, feed = FEED) {
    const { subject, windowStart, windowEnd } = sold;
    const observed = { observedAt: await now(), rows: agree(4, [delay]) };
    const windows = [{ feed, subject, windowStart, windowEnd }];
    await oracle.reportObservations(...(await signObservations(oracle, reporters, { ...observed, windows })));
  }

  /** The window is over, the oracle has observed the delay, the risk is settled. */
  async function settle(
    { oracle, cover }: { oracle: OracleHub; cover: ParametricCover },
    sold: Order & { riskNumber: bigint },
    delay: bigint,
  ) {
    if ((await now()) < sold.windowEnd) await arrive(sold.windowEnd);
    await observe(oracle, sold, delay);
    return await cover.connect(keeper).settleRisk(sold.riskNumber);
  }

  /** The oracle stayed silent for all of the grace period, the risk is settled. */
  async function settleSilent({ cover }: { cover: ParametricCover }, sold: Order & { riskNumber: bigint }) {
    await arrive(sold.windowEnd + terms.graceSeconds + 1n);
    return await cover.connect(keeper).settleRisk(sold.riskNumber);
  }

  /** Requests all or `shares` of the owner's shares and waits for the end of the cooldown. */
  async function coolDown(pool: Pool, owner: typeof underwriter, shares?: bigint) {
    await pool.connect(owner).requestRedeem(shares ?? (await pool.balanceOf(owner)));
    await arrive((await pool.redeemRequestOf(owner)).claimableAt);
  }

  return {
    ethers,
    networkHelpers,
    accounts,
    FEED,
    minutes,
    terms,
    flight,
    deployManager,
    deployPool,
    deployInsurance,
    deployWith,
    insurance: async () => await networkHelpers.loadFixture(deployFunded),
    now,
    at,
    arrive,
    order,
    open,
    sell,
    observe,
    settle,
    settleSilent,
    coolDown,
    /** What a call returned, by names. */
    named: (returned: object) => (returned as Result).toObject(true),
  };
}
