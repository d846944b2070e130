import { expect } from 'chai';
import { FUNDS, openChain } from './fixture.ts';

const { ethers, accounts, corridor, pack, someone } = await openChain();
const { payer, recipient, frozen, relayer } = accounts;

describe('Stablecoin transferBatch', () => {
  it('pays every recipient, one Transfer each, in order', async () => {
    const { coin } = await corridor();
    const recipients = Array.from({ length: 256 }, someone);
    const payments = recipients.map((to, i) => pack(to, BigInt(i)));
    const transaction = await coin.connect(payer).transferBatch(payments);

    const transfers = await coin.queryFilter(coin.filters.Transfer(payer), transaction.blockNumber ?? 0);
    expect(transfers.map(({ args }) => [args.to, args.value])).to.deep.equal(
      recipients.map((to, i) => [to, BigInt(i)]),
    );
    expect(await coin.balanceOf(recipients[255] ?? '')).to.equal(255n);
    expect(await coin.balanceOf(payer)).to.equal(FUNDS - (255n * 256n) / 2n);
  });

  it('counts nothing that follows the payments in the calldata', async () => {
    const { coin } = await corridor();
    const data = coin.interface.encodeFunctionData('transferBatch', [[pack(recipient, 7n)]]);
    await payer.sendTransaction({ to: coin, data: ethers.concat([data, pack(recipient, 9n)]) });
    expect([await coin.balanceOf(recipient), await coin.balanceOf(payer)]).to.deep.equal([7n, FUNDS - 7n]);
  });

  it('leaves out who cannot receive, and gives their money back', async () => {
    const { coin } = await corridor();
    const token = await coin.getAddress();
    const payments = [
      pack(recipient, 1n),
      pack(frozen, 2n),
      pack(ethers.ZeroAddress, 4n),
      pack(token, 8n),
      pack(recipient, 16n),
    ];
    const batch = coin.connect(payer);
    expect(await batch.transferBatch.staticCall(payments)).to.deep.equal([17n, 0b01110n]);
    const transaction = batch.transferBatch(payments);
    await expect(transaction).to.changeTokenBalances(
      ethers,
      coin,
      [payer, recipient, frozen],
      [-17n, 17n, 0n],
    );
  });

  it('can pay the payer itself, out of what is left', async () => {
    const { coin } = await corridor();
    const batch = coin.connect(payer).transferBatch([pack(payer, FUNDS - 1n), pack(recipient, 1n)]);
    await expect(batch).to.changeTokenBalances(ethers, coin, [payer, recipient], [-1n, 1n]);
  });

  it('of no payments, or more than 256, reverts', async () => {
    const { coin } = await corridor();
    for (const count of [0, 257]) {
      const payments = Array.from({ length: count }, () => pack(recipient, 1n));
      for (const batch of [
        coin.connect(payer).transferBatch(payments),
        coin.connect(relayer).transferFromBatch(payer, payments),
      ]) {
        await expect(batch).to.be.revertedWithCustomError(coin, 'BatchSizeInvalid').withArgs(count, 256);
      }
    }
  });

  it('of more than there is reverts, also when the rest could be paid', async () => {
    const { coin } = await corridor();
    await expect(coin.connect(payer).transferBatch([pack(recipient, 1n), pack(frozen, FUNDS)]))
      .to.be.revertedWithCustomError(coin, 'ERC20InsufficientBalance')
      .withArgs(payer, FUNDS, FUNDS + 1n);
  });

  it('by a frozen payer, or while paused, reverts', async () => {
    const { coin } = await corridor();
    await expect(coin.connect(frozen).transferBatch([pack(recipient, 0n)]))
      .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
      .withArgs(frozen);
    await coin.pause();
    await expect(coin.connect(payer).transferBatch([pack(recipient, 0n)])).to.be.revertedWithCustomError(
      coin,
      'TokenIsPaused',
    );
  });
});

describe('Stablecoin transferFromBatch', () => {
  it('takes from the allowance what left the payer', async () => {
    const { coin } = await corridor();
    await coin.connect(payer).approve(relayer, 10n);
    const batch = coin.connect(relayer).transferFromBatch(payer, [pack(recipient, 3n), pack(frozen, 4n)]);
    await expect(batch).to.changeTokenBalances(ethers, coin, [payer, recipient], [-3n, 3n]);
    expect(await coin.allowance(payer, relayer)).to.equal(7n);
  });

  it('leaves an unlimited allowance as it is', async () => {
    const { coin } = await corridor();
    await coin.connect(payer).approve(relayer, ethers.MaxUint256);
    await coin.connect(relayer).transferFromBatch(payer, [pack(recipient, 3n), pack(frozen, 4n)]);
    expect(await coin.allowance(payer, relayer)).to.equal(ethers.MaxUint256);
  });

  it('of more than the allowance reverts, also when the rest could be paid', async () => {
    const { coin } = await corridor();
    await coin.connect(payer).approve(relayer, 6n);
    await expect(coin.connect(relayer).transferFromBatch(payer, [pack(recipient, 3n), pack(frozen, 4n)]))
      .to.be.revertedWithCustomError(coin, 'ERC20InsufficientAllowance')
      .withArgs(relayer, 6n, 7n);
  });
});
