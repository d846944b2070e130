import { expect } from 'chai';
import { AbiCoder } from 'ethers';
import { AMOUNT, asEmitted, COIN, openChain, status, type Terms } from './fixture.ts';

const { ethers, accounts, corridor } = await openChain();
const { payer, payee, stranger } = accounts;

type Corridor = Awaited<ReturnType<typeof corridor>>;

function encoded({ escrow }: Corridor, terms: Terms): string {
  const [type] = escrow.interface.getFunction('escrowIdOf').inputs;
  if (!type) throw new Error('escrowIdOf takes terms.');
  return AbiCoder.defaultAbiCoder().encode([type], [terms]);
}

describe('Escrow funded by the payment router', () => {
  it('holds what the router brings, by the payer’s allowance to the router', async () => {
    const contracts = await corridor();
    const { coin, router, escrow, terms, idOf, stateOf } = contracts;
    await coin.connect(payer).approve(escrow, 0n);
    const inParts = terms({ milestones: [AMOUNT - 1n, 1n] });
    const id = idOf(inParts);
    const call = router.connect(payer).payInto(coin, escrow, AMOUNT, id, encoded(contracts, inParts));
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(id, payer, payee, AMOUNT, asEmitted(inParts));
    await expect(call).to.emit(router, 'PaymentSettled').withArgs(payer, escrow, id, coin, AMOUNT);
    await expect(call).to.changeTokenBalances(ethers, coin, [payer, escrow], [-AMOUNT, AMOUNT]);
    expect(await stateOf(id)).to.deep.equal({
      capturable: AMOUNT,
      refundable: 0n,
      rulingDeadline: 0n,
      milestonesLeft: 2n,
      status: status.open,
    });
  });

  it('given another payer, token or reference than the terms say, reverts and moves nothing', async () => {
    const contracts = await corridor();
    const { coin, router, escrow, terms, idOf } = contracts;
    const other = await ethers.deployContract('PlainToken');
    await other.getFunction('mint')(payer, COIN);
    await other.connect(payer).getFunction('approve')(router, COIN);
    await coin.mint(stranger, COIN);
    await coin.connect(stranger).approve(router, COIN);
    const data = encoded(contracts, terms());
    const id = idOf(terms());

    await expect(router.connect(stranger).payInto(coin, escrow, COIN, id, data))
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
      .withArgs(stranger, payer);
    await expect(router.connect(payer).payInto(other, escrow, COIN, id, data))
      .to.be.revertedWithCustomError(escrow, 'TokenMismatch')
      .withArgs(other, coin);
    await expect(router.connect(payer).payInto(coin, escrow, COIN, ethers.id('other'), data))
      .to.be.revertedWithCustomError(escrow, 'PaymentReferenceMismatch')
      .withArgs(ethers.id('other'), id);
    await expect(router.connect(payer).payInto(coin, escrow, COIN, id, '0x'))
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
      .withArgs(payer, ethers.ZeroAddress);
    expect(await coin.balanceOf(escrow)).to.equal(0n);
  });

  it('given terms that are refused, or an escrow that was, reverts', async () => {
    const contracts = await corridor();
    const { coin, router, escrow, terms, idOf, open } = contracts;
    await expect(
      router.connect(payer).payInto(coin, escrow, AMOUNT + 1n, idOf(terms()), encoded(contracts, terms())),
    )
      .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
      .withArgs(AMOUNT + 1n, 1n, AMOUNT);
    const id = await open(terms(), COIN);
    await expect(router.connect(payer).payInto(coin, escrow, COIN, id, encoded(contracts, terms())))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(id, status.open);
  });

  it('believes nobody but the router', async () => {
    const contracts = await corridor();
    const { coin, router, escrow, terms, idOf } = contracts;
    await expect(
      escrow.connect(payer).onPaymentReceived(payer, coin, COIN, idOf(terms()), encoded(contracts, terms())),
    )
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotRouter')
      .withArgs(payer, router);
  });
});
