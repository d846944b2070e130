import { expect } from 'chai';
import { COIN, openChain } from './fixture.ts';

const { ethers, networkHelpers, accounts, corridor, sign, now } = await openChain();
const { payer, recipient, relayer } = accounts;
const NONCE = ethers.id('nonce');

const VRS = 'address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32';
const BYTES = 'address,address,uint256,uint256,uint256,bytes32,bytes';

describe('Stablecoin permit at its deadline', () => {
  async function permitAt(distance: bigint) {
    const { coin } = await corridor();
    const deadline = (await now()) + 100n;
    const [owner, spender, nonce] = [payer.address, relayer.address, await coin.nonces(payer)];
    const { vrs } = await sign(payer, coin, 'Permit', { owner, spender, value: 5n, nonce, deadline });
    await networkHelpers.time.setNextBlockTimestamp(deadline + distance);
    return { coin, deadline, submission: coin.connect(relayer).permit(owner, spender, 5n, deadline, ...vrs) };
  }

  it('counts until that very second', async () => {
    const { coin, submission } = await permitAt(0n);
    await submission;
    expect(await coin.allowance(payer, relayer)).to.equal(5n);
  });

  it('does not count a second later', async () => {
    const { coin, deadline, submission } = await permitAt(1n);
    await expect(submission)
      .to.be.revertedWithCustomError(coin, 'PermitExpired')
      .withArgs(deadline, deadline + 1n);
    expect(await coin.allowance(payer, relayer)).to.equal(0n);
  });
});

for (const kind of ['TransferWithAuthorization', 'ReceiveWithAuthorization'] as const) {
  for (const form of ['vrs', 'bytes'] as const) {
    describe(`Stablecoin ${kind} as ${form} at the ends of its time`, () => {
      /** Valid after and before these times from the block's on. */
      async function submitWithin(after: bigint, before: bigint) {
        const { coin } = await corridor();
        const at = (await now()) + 100n;
        const [validAfter, validBefore] = [at + after, at + before];
        const message = {
          from: payer.address,
          to: recipient.address,
          value: COIN,
          validAfter,
          validBefore,
          nonce: NONCE,
        };
        const { vrs, bytes } = await sign(payer, coin, kind, message);
        const name = kind[0]?.toLowerCase() + kind.slice(1);
        const submit = coin.connect(recipient).getFunction(`${name}(${form === 'vrs' ? VRS : BYTES})`);
        await networkHelpers.time.setNextBlockTimestamp(at);
        const submission = submit(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]));
        return { coin, at, submission };
      }

      it('counts between a second after the first and a second before the last', async () => {
        const { coin, submission } = await submitWithin(-1n, 1n);
        await submission;
        expect(await coin.balanceOf(recipient)).to.equal(COIN);
      });

      it('does not count yet at the first', async () => {
        const { coin, at, submission } = await submitWithin(0n, 1n);
        await expect(submission)
          .to.be.revertedWithCustomError(coin, 'AuthorizationNotYetValid')
          .withArgs(at, at);
      });

      it('does not count any more at the last', async () => {
        const { coin, at, submission } = await submitWithin(-1n, 0n);
        await expect(submission).to.be.revertedWithCustomError(coin, 'AuthorizationExpired').withArgs(at, at);
      });
    });
  }
}
