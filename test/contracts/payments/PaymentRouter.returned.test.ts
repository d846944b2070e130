import { expect } from 'chai';
import type { BaseContract, ContractTransactionResponse } from 'ethers';
import { COIN, OPERATOR_LIMIT, openChain, REFERENCE, WINDOW_SECONDS } from './fixture.ts';

const { ethers, networkHelpers, accounts, corridor, pack, sign, now } = await openChain();
const { operator, payer, recipient, frozen, relayer, stranger } = accounts;

type Router = Awaited<ReturnType<typeof corridor>>['router'];

async function returnedOf(router: Router, settlement: Promise<ContractTransactionResponse>) {
  const { blockNumber } = await settlement;
  const events = await router.queryFilter(router.filters.PaymentReturned(), blockNumber ?? 0);
  return events.map(({ args }) => [...args]);
}

describe('PaymentRouter: what is returned', () => {
  it('of the payments of a stablecoin are those that could not be received, and no others', async () => {
    const { coin, router } = await corridor();
    await coin.freeze(stranger);
    const payments = [
      pack(frozen, 1n),
      pack(recipient, 2n),
      pack(stranger, 4n),
      pack(recipient, 8n),
      pack(frozen, 16n),
    ];
    const asOperator = router.connect(operator);
    expect(await asOperator.settleBatch.staticCall(payer, coin, 40n, payments)).to.deep.equal([
      10n,
      0b10101n,
    ]);
    const settlement = asOperator.settleBatch(payer, coin, 40n, payments);
    const token = await coin.getAddress();
    expect(await returnedOf(router, settlement)).to.deep.equal([
      [payer.address, 40n, frozen.address, token, 1n],
      [payer.address, 42n, stranger.address, token, 4n],
      [payer.address, 44n, frozen.address, token, 16n],
    ]);
    await expect(settlement).to.changeTokenBalances(ethers, coin, [payer, recipient], [-10n, 10n]);
    expect((await router.operatorAllowance(payer, operator, coin)).available).to.equal(OPERATOR_LIMIT - 10n);
  });

  it('of the payments of another token are those that it refused, and no others', async () => {
    const { router } = await corridor();
    const token = (await ethers.deployContract('CapriciousToken')) as BaseContract;
    await token.getFunction('mint')(payer, 100n);
    await (token.connect(payer) as BaseContract).getFunction('approve')(router, 100n);
    await token.getFunction('mark')(frozen, 1);
    await router.connect(payer).authorizeOperator(operator, token, 100n, WINDOW_SECONDS);
    const payments = [
      pack(recipient, 1n),
      pack(frozen, 2n),
      pack(payer, 4n),
      pack(frozen, 8n),
      pack(stranger, 16n),
    ];
    const asOperator = router.connect(operator);
    expect(await asOperator.settleBatch.staticCall(payer, token, 7n, payments)).to.deep.equal([
      21n,
      0b01010n,
    ]);
    const settlement = asOperator.settleBatch(payer, token, 7n, payments);
    const address = await token.getAddress();
    expect(await returnedOf(router, settlement)).to.deep.equal([
      [payer.address, 8n, frozen.address, address, 2n],
      [payer.address, 10n, frozen.address, address, 8n],
    ]);
    expect(await token.getFunction('balanceOf')(payer)).to.equal(83n);
  });

  it('is the first alone when no other could not be received', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(frozen, 1n), pack(recipient, 2n)];
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, payments);
    await expect(settlement).to.emit(router, 'BatchSettled');
    expect(await returnedOf(router, settlement)).to.deep.equal([
      [payer.address, 1n, frozen.address, await coin.getAddress(), 1n],
    ]);
  });

  it('is nothing when all could be received', async () => {
    const { coin, router } = await corridor();
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, [pack(recipient, 1n)]);
    expect(await returnedOf(router, settlement)).to.deep.equal([]);
  });

  it('is all when none could be received', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(frozen, 1n), pack(frozen, 2n)];
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, payments);
    await expect(settlement)
      .to.emit(router, 'BatchSettled')
      .withArgs(payer, coin, 1n, 2n, 0n, ethers.keccak256(ethers.concat(payments)), operator);
    expect(await returnedOf(router, settlement)).to.have.length(2);
    expect((await router.operatorAllowance(payer, operator, coin)).available).to.equal(OPERATOR_LIMIT);
  });
});

describe('PaymentRouter: payments to the payer itself', () => {
  it('several in one batch count as many times', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(payer, 3n), pack(recipient, 4n), pack(payer, 5n)];
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, payments);
    await expect(settlement)
      .to.emit(router, 'BatchSettled')
      .withArgs(payer, coin, 1n, 3n, 12n, ethers.keccak256(ethers.concat(payments)), operator);
    await expect(settlement).to.changeTokenBalances(ethers, coin, [payer, recipient], [-4n, 4n]);
  });

  it('alone in a batch move nothing', async () => {
    const { coin, router } = await corridor();
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, [pack(payer, 3n)]);
    await expect(settlement).to.changeTokenBalance(ethers, coin, payer, 0n);
  });
});

describe('PaymentRouter to which somebody sent money', () => {
  async function withMoney() {
    const contracts = await corridor();
    await contracts.coin.connect(payer).transfer(contracts.router, 1_000n);
    return contracts;
  }

  it('pays as ever, and keeps it', async () => {
    const { coin, router } = await withMoney();
    const payment = router.connect(payer).pay(coin, recipient, COIN, REFERENCE);
    await expect(payment).to.changeTokenBalances(ethers, coin, [payer, recipient, router], [-COIN, COIN, 0n]);
  });

  it('settles as ever, and keeps it', async () => {
    const { coin, router } = await withMoney();
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, [pack(recipient, COIN)]);
    await expect(settlement).to.changeTokenBalances(
      ethers,
      coin,
      [payer, recipient, router],
      [-COIN, COIN, 0n],
    );
  });

  it('pays by authorization as ever, also who has money already, and keeps it', async () => {
    const { coin, router } = await withMoney();
    await coin.connect(payer).transfer(recipient, 10n);
    const [salt, validBefore] = [ethers.id('salt'), 2n ** 40n];
    const message = {
      from: payer.address,
      to: await router.getAddress(),
      value: COIN,
      validAfter: 0n,
      validBefore,
      nonce: await router.authorizationNonce(recipient, REFERENCE, salt),
    };
    const { bytes } = await sign(payer, coin, 'ReceiveWithAuthorization', message);
    const payment = router
      .connect(relayer)
      .payWithAuthorization(coin, payer, recipient, COIN, REFERENCE, 0n, validBefore, salt, bytes);
    await expect(payment).to.changeTokenBalances(ethers, coin, [payer, recipient, router], [-COIN, COIN, 0n]);
  });
});

describe('PaymentRouter settleBatchWithSignature at its deadline', () => {
  async function submitAt(distance: bigint) {
    const { coin, router } = await corridor();
    const deadline = (await now()) + 100n;
    const [token, payments] = [await coin.getAddress(), [pack(recipient, 3n)]];
    const message = { payer: payer.address, token, firstSequence: 9n, payments, deadline };
    const { bytes } = await sign(payer, router, 'SettleBatch', message);
    await networkHelpers.time.setNextBlockTimestamp(deadline + distance);
    const asRelayer = router.connect(relayer);
    return {
      coin,
      router,
      deadline,
      submission: asRelayer.settleBatchWithSignature(payer, token, 9n, payments, deadline, bytes),
    };
  }

  it('counts until that very second', async () => {
    const { coin, submission } = await submitAt(0n);
    await submission;
    expect(await coin.balanceOf(recipient)).to.equal(3n);
  });

  it('does not count a second later', async () => {
    const { router, deadline, submission } = await submitAt(1n);
    await expect(submission)
      .to.be.revertedWithCustomError(router, 'SignatureExpired')
      .withArgs(deadline, deadline + 1n);
  });
});
