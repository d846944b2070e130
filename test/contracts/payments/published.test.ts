import { expect } from 'chai';
import { openChain } from './fixture.ts';

const { ethers, accounts, corridor } = await openChain();
const { payer, recipient, relayer } = accounts;

describe('What signers and callers of the payments contracts rely on', () => {
  it('is the name and version that each signature is for', async () => {
    const { coin, router } = await corridor();
    const { chainId } = await ethers.provider.getNetwork();
    for (const [contract, name] of [
      [coin, 'Corridor USD'],
      [router, 'Corridor PaymentRouter'],
    ] as const) {
      const [fields, ...domain] = await contract.eip712Domain();
      expect(fields).to.equal('0x0f');
      expect(domain).to.deep.equal([name, '1', chainId, await contract.getAddress(), ethers.ZeroHash, []]);
    }
  });

  it('is the type of a batch', async () => {
    const { router } = await corridor();
    const type =
      'SettleBatch(address payer,address token,uint256 firstSequence,bytes32[] payments,uint256 deadline)';
    expect(await router.SETTLE_BATCH_TYPEHASH()).to.equal(ethers.id(type));
  });

  it('is that a stablecoin answers true, or reverts', async () => {
    const { coin } = await corridor();
    expect(await coin.connect(payer).approve.staticCall(relayer, 1n)).to.equal(true);
    expect(await coin.connect(payer).transfer.staticCall(recipient, 1n)).to.equal(true);
    await coin.connect(payer).approve(relayer, 1n);
    expect(await coin.connect(relayer).transferFrom.staticCall(payer, recipient, 1n)).to.equal(true);
  });

  it('is that nobody is paused or frozen who is not', async () => {
    const { coin, router } = await corridor();
    expect([await coin.paused(), await router.paused()]).to.deep.equal([false, false]);
    expect([await coin.isFrozen(payer), await coin.isFrozen(accounts.frozen)]).to.deep.equal([false, true]);
  });
});
