import { expect } from 'chai';
import { CAPITAL, COIN, openChain, VIRTUAL_SHARES } from './fixture.ts';

const {
  ethers,
  accounts,
  deployWith,
  open: openRisk,
  sell,
  order,
  settle,
  coolDown,
  flight,
  now,
  observe,
} = await openChain();
const { underwriter, second, buyer, holder, keeper, stranger } = accounts;

/** By its signature where options follow. */
const WITHDRAW = 'withdraw(uint256,address,address)';

const manners = { revert: 1, 'return false': 2, 'return a byte': 3, 'burn all gas': 4, 'return a bomb': 5 };
const MOVE_HALF = 8;

/** The token of this kind, of which the underwriter has put in its capital. */
async function funded(name: string) {
  const contracts = await deployWith(name);
  const { pool, token } = contracts;
  await pool.connect(underwriter).deposit(CAPITAL, underwriter);
  const balanceOf = async (of: { address: string } | string): Promise<bigint> =>
    await token.getFunction('balanceOf')(of);
  return { ...contracts, balanceOf };
}

describe('CoverPool with a token that does not do what it was asked', () => {
  it('given it keeps a fee, refuses deposits and premiums with what was expected and observed', async () => {
    const { pool, token } = await deployWith('FeeToken');
    await expect(pool.connect(underwriter).deposit(100n, underwriter))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, 100n, 90n);
    await expect(pool.connect(underwriter).mint(100n * VIRTUAL_SHARES, underwriter))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, 100n, 90n);
  });

  it('given it moves nothing and says yes, refuses deposits', async () => {
    const { pool, token } = await deployWith('LyingToken');
    await expect(pool.connect(underwriter).deposit(100n, underwriter))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, 100n, 0n);
  });

  it('given it moves the money and says no, refuses deposits', async () => {
    const { pool, token } = await deployWith('DenyingToken');
    await expect(pool.connect(underwriter).deposit(100n, underwriter))
      .to.be.revertedWithCustomError(pool, 'TransferFailed')
      .withArgs(token, underwriter, pool, 100n);
  });

  it('given it moves a half, refuses to redeem, to refund and to pay', async () => {
    const contracts = await funded('CapriciousToken');
    const { pool, cover, token } = contracts;
    const kept = await sell(cover);
    const sold = await sell(cover, { insured: 9n * COIN });
    await token.getFunction('mark')(buyer, MOVE_HALF);
    const refund = sold.unearned;
    await expect(cover.connect(holder).cancel(sold.policyId, sold.insured))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, -refund, -(refund / 2n));
    await token.getFunction('mark')(holder, MOVE_HALF);
    await settle(contracts, kept, 240n);
    await expect(cover.payPolicies(kept.riskNumber, [kept.policyId]))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, -100n * COIN, -50n * COIN);
    await token.getFunction('mark')(underwriter, MOVE_HALF);
    await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
    await expect(pool.connect(underwriter).withdraw(10n, underwriter, underwriter))
      .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
      .withArgs(token, pool, -10n, -5n);
  });
});

describe('CoverPool with a token that treats one recipient badly', () => {
  for (const [manner, index] of Object.entries(manners)) {
    it(`given the token’s way is to ${manner}, leaves that holder a credit and pays the others`, async () => {
      const contracts = await funded('CapriciousToken');
      const { pool, cover, token, balanceOf } = contracts;
      const sold = await sell(cover);
      await sell(cover, { holder: stranger.address, insured: 5n * COIN });
      await sell(cover, { holder: keeper.address, insured: 6n * COIN });
      await settle(contracts, sold, 240n);
      await token.getFunction('mark')(stranger, index);
      const payment = cover.payPolicies(sold.riskNumber, [1n, 2n, 3n]);
      await expect(payment)
        .to.emit(pool, 'CreditAdded')
        .withArgs(stranger, ethers.toBeHex(sold.riskNumber, 32), token, 5n * COIN);
      expect([await balanceOf(holder), await balanceOf(stranger), await balanceOf(keeper)]).to.deep.equal([
        100n * COIN,
        0n,
        6n * COIN,
      ]);
      expect([await pool.totalCredits(), await pool.payoutReserve()]).to.deep.equal([5n * COIN, 0n]);
      await token.getFunction('mark')(stranger, 0);
      await pool.withdrawCredit(token, stranger);
      expect(await balanceOf(stranger)).to.equal(5n * COIN);
    });

    it(`given the token’s way is to ${manner}, leaves a frozen underwriter its shares`, async () => {
      const { pool, token } = await funded('CapriciousToken');
      await token.getFunction('mark')(underwriter, index);
      await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
      await expect(pool.connect(underwriter).withdraw(COIN, underwriter, underwriter))
        .to.be.revertedWithCustomError(pool, 'TransferFailed')
        .withArgs(token, pool, underwriter, COIN);
      await pool.connect(underwriter).withdraw(COIN, second, underwriter);
    });
  }

  it('given the caller left too little gas, reverts instead of making credits', async () => {
    const contracts = await funded('PlainToken');
    const { pool, cover } = contracts;
    const sold = await sell(cover);
    await settle(contracts, sold, 240n);
    const required = (300_000n * 64n) / 63n + 10_000n;
    await expect(cover.payPolicies(sold.riskNumber, [sold.policyId], { gasLimit: 320_000n }))
      .to.be.revertedWithCustomError(pool, 'InsufficientGas')
      .withArgs((available: bigint) => available < required, required);
    expect(await pool.totalCredits()).to.equal(0n);
  });
});

describe('CoverPool with a token whose transfer costs more than a push may', () => {
  it('redeems and withdraws to whoever brings the gas', async () => {
    const { pool, token, balanceOf } = await funded('DearToken');
    await coolDown(pool, underwriter, 3n * COIN * VIRTUAL_SHARES);
    const underGas = { gasLimit: 450_000n };
    await expect(pool.connect(underwriter)[WITHDRAW](COIN, second, underwriter, underGas))
      .to.be.revertedWithCustomError(pool, 'TransferFailed')
      .withArgs(token, pool, second, COIN);
    const before = await balanceOf(second);
    await pool.connect(underwriter).withdraw(COIN, second, underwriter);
    await pool.connect(underwriter).redeem(2n * COIN * VIRTUAL_SHARES, second, underwriter);
    expect((await balanceOf(second)) - before).to.equal(3n * COIN);
    expect([await balanceOf(pool.target as string), await pool.totalAssets()]).to.deep.equal([
      CAPITAL - 3n * COIN,
      CAPITAL - 3n * COIN,
    ]);
  });

  it('leaves holders a credit, which is paid when it is withdrawn with more gas', async () => {
    const contracts = await funded('DearToken');
    const { pool, cover, token, balanceOf } = contracts;
    const sold = await sell(cover);
    await settle(contracts, sold, 240n);
    await expect(cover.payPolicies(sold.riskNumber, [sold.policyId]))
      .to.emit(pool, 'CreditAdded')
      .withArgs(holder, ethers.toBeHex(sold.riskNumber, 32), token, 100n * COIN);
    await expect(pool.connect(stranger).withdrawCredit(token, holder))
      .to.emit(pool, 'CreditWithdrawn')
      .withArgs(holder, token, 100n * COIN);
    expect([await balanceOf(holder), await pool.totalCredits()]).to.deep.equal([100n * COIN, 0n]);
  });

  it('redeems a cheap token with less gas than a push may cost', async () => {
    const { pool, balanceOf } = await funded('PlainToken');
    await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
    const before = await balanceOf(second);
    await pool.connect(underwriter)[WITHDRAW](COIN, second, underwriter, { gasLimit: 250_000n });
    expect((await balanceOf(second)) - before).to.equal(COIN);
  });
});

describe('CoverPool with a token that lies about its native batches', () => {
  async function owed(name: string) {
    const contracts = await funded(name);
    const sold = await sell(contracts.cover);
    await sell(contracts.cover, { holder: stranger.address, insured: 4n * COIN });
    await settle(contracts, sold, 240n);
    return contracts;
  }

  for (const { title, returned, moved, expected } of [
    { title: 'it moves less than it says', returned: 0n, moved: 103n, expected: 104n },
    { title: 'it moves more than it says', returned: 0n, moved: 105n, expected: 104n },
    { title: 'it moves what it says it returned', returned: 1n, moved: 104n, expected: 4n },
    { title: 'it returns what nobody asked for', returned: 4n, moved: 103n, expected: 104n },
  ]) {
    it(`given ${title}, refuses the batch`, async () => {
      const { cover, pool, token } = await owed('LyingBatchAsset');
      await token.getFunction('claim')(returned, moved * COIN);
      await expect(cover.payPolicies(1n, [1n, 2n]))
        .to.be.revertedWithCustomError(pool, 'UnexpectedBalanceChange')
        .withArgs(token, pool, -expected * COIN, -moved * COIN);
    });
  }

  it('given it says the truth, books what it returned as credits, each to its owner', async () => {
    const { cover, pool, token } = await owed('LyingBatchAsset');
    await token.getFunction('claim')(2n, 100n * COIN);
    const payment = cover.payPolicies(1n, [1n, 2n]);
    await expect(payment)
      .to.emit(pool, 'CreditAdded')
      .withArgs(stranger, ethers.toBeHex(1n, 32), token, 4n * COIN);
    expect([await pool.creditOf(holder, token), await pool.totalCredits()]).to.deep.equal([0n, 4n * COIN]);
  });

  it('given it returns all, books all', async () => {
    const { cover, pool, token } = await owed('LyingBatchAsset');
    await token.getFunction('claim')(3n, 0n);
    await cover.payPolicies(1n, [1n, 2n]);
    expect([await pool.creditOf(holder, token), await pool.creditOf(stranger, token)]).to.deep.equal([
      100n * COIN,
      4n * COIN,
    ]);
    expect(await pool.totalCredits()).to.equal(104n * COIN);
  });
});

describe('CoverPool with a token that calls back', () => {
  it('does not let it in, by any entry or exit, in the middle of any transfer', async () => {
    const contracts = await funded('ReentrantAsset');
    const { pool, cover, token, oracle } = contracts;
    const open = await sell(cover);
    const owed = await sell(cover, { subject: flight('ZRH'), insured: 2n * COIN });
    const cancelled = await sell(cover, {
      subject: flight('OSL'),
      insured: 3n * COIN,
      windowStart: (await now()) + 29n * 86_400n,
      windowEnd: (await now()) + 30n * 86_400n,
    });
    await settle(contracts, owed, 240n);
    await observe(oracle, open, 240n);
    const reentered = await order({ subject: flight('CDG'), maxPremium: ethers.MaxUint256 });
    await openRisk(cover, reentered);
    const attacks: [string, string][] = [
      [
        await pool.getAddress(),
        pool.interface.encodeFunctionData('deposit(uint256,address)', [1n, stranger.address]),
      ],
      [
        await pool.getAddress(),
        pool.interface.encodeFunctionData('mint(uint256,address)', [1n, stranger.address]),
      ],
      [
        await pool.getAddress(),
        pool.interface.encodeFunctionData('redeem(uint256,address,address)', [
          0n,
          stranger.address,
          stranger.address,
        ]),
      ],
      [await pool.getAddress(), pool.interface.encodeFunctionData('absorb')],
      [
        await pool.getAddress(),
        pool.interface.encodeFunctionData('withdrawCredit', [await token.getAddress(), stranger.address]),
      ],
      [await cover.getAddress(), cover.interface.encodeFunctionData('settleRisk', [open.riskNumber])],
      [
        await cover.getAddress(),
        cover.interface.encodeFunctionData('payPolicies', [owed.riskNumber, [owed.policyId]]),
      ],
      [await cover.getAddress(), cover.interface.encodeFunctionData('issue', [reentered])],
    ];
    const refusal = pool.interface.getError('ReentrancyGuardReentrantCall')?.selector;
    for (const [target, attack] of attacks) {
      await token.getFunction('arm')(target, attack);
      await pool.connect(underwriter).deposit(COIN, underwriter);
      expect(await token.getFunction('refusal')(), attack.slice(0, 10)).to.equal(refusal);
    }

    // From the middle of a refund, a payment and a redemption as well.
    const [target, attack] = attacks[3] ?? ['', ''];
    const steps = [
      () => cover.connect(holder).cancel(cancelled.policyId, cancelled.insured),
      () => cover.payPolicies(owed.riskNumber, [owed.policyId]),
      async () => {
        await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
        return await pool.connect(underwriter).redeem(COIN * VIRTUAL_SHARES, underwriter, underwriter);
      },
    ];
    for (const step of steps) {
      await token.getFunction('arm')(target, attack);
      await step();
      expect(await token.getFunction('refusal')()).to.equal(refusal);
    }
  });
});
