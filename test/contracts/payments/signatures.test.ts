import { expect } from 'chai';
import { openChain } from './fixture.ts';

const { ethers, accounts, corridor, pack, sign, now } = await openChain();
const { recipient, relayer, payer } = accounts;
const NONCE = ethers.id('nonce');
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Signatures from which no account can be recovered, each in its own way. */
const worthless = {
  'without a point of the curve': ethers.concat([
    ethers.toBeHex(order + 1n, 32),
    ethers.toBeHex(1n, 32),
    '0x1b',
  ]),
  'with another v': ethers.concat([ethers.toBeHex(1n, 32), ethers.toBeHex(1n, 32), '0x1d']),
  'of zeros': `0x${'00'.repeat(65)}`,
  'with an s of the second form': ethers.concat([
    ethers.toBeHex(1n, 32),
    ethers.toBeHex(order - 1n, 32),
    '0x1b',
  ]),
};

describe('Signatures of nobody', () => {
  for (const [what, signature] of Object.entries(worthless)) {
    it(`${what} are not those of the zero address`, async () => {
      const { coin, router } = await corridor();
      const nobody = ethers.ZeroAddress;
      const deadline = (await now()) + 1_000n;
      const asRelayer = router.connect(relayer);
      await expect(coin.getFunction('cancelAuthorization(address,bytes32,bytes)')(nobody, NONCE, signature))
        .to.be.revertedWithCustomError(coin, 'InvalidSignature')
        .withArgs(nobody);
      const payments = [pack(recipient, 1n)];
      await expect(asRelayer.settleBatchWithSignature(nobody, coin, 1n, payments, deadline, signature))
        .to.be.revertedWithCustomError(router, 'InvalidSignature')
        .withArgs(nobody);
    });
  }
});

describe('Signatures in their other form', () => {
  it('with the s of the second form do not count as bytes either', async () => {
    const { coin } = await corridor();
    const { v, r, s } = await sign(payer, coin, 'CancelAuthorization', {
      authorizer: payer.address,
      nonce: NONCE,
    });
    const cancel = coin.getFunction('cancelAuthorization(address,bytes32,bytes)');
    const second = [r, ethers.toBeHex(order - BigInt(s), 32), v === 27 ? '0x1c' : '0x1b'];
    await expect(cancel(payer, NONCE, ethers.concat(second)))
      .to.be.revertedWithCustomError(coin, 'InvalidSignature')
      .withArgs(payer);
    await expect(cancel(payer, NONCE, ethers.concat([r, s, v === 27 ? '0x1b' : '0x1c'])))
      .to.emit(coin, 'AuthorizationCanceled')
      .withArgs(payer, NONCE);
  });
});
