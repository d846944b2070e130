import { expect } from 'chai';
import type { BaseContract } from 'ethers';
import { COIN, FUNDS, openChain } from './fixture.ts';

const { ethers, accounts, corridor, sign, now } = await openChain();
const { payer, recipient, frozen, relayer, stranger } = accounts;

const VRS = 'address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32';
const BYTES = 'address,address,uint256,uint256,uint256,bytes32,bytes';
const LATER = 2n ** 40n;

type Corridor = Awaited<ReturnType<typeof corridor>>;
type Kind = 'TransferWithAuthorization' | 'ReceiveWithAuthorization';

const authorize = (fields: Record<string, unknown> = {}) => ({
  from: payer.address,
  to: recipient.address,
  value: COIN,
  validAfter: 0n,
  validBefore: LATER,
  nonce: ethers.id('nonce'),
  ...fields,
});

/** Submits the authorization, signed by the payer, in either form of signature. */
async function submit(
  coin: Corridor['coin'],
  kind: Kind,
  form: 'vrs' | 'bytes',
  fields = {},
  signer = payer,
) {
  const message = authorize(fields);
  const { vrs, bytes } = await sign(signer, coin, kind, message);
  const name = kind[0]?.toLowerCase() + kind.slice(1);
  const submitter = kind === 'ReceiveWithAuthorization' ? recipient : relayer;
  const submission = coin.connect(submitter).getFunction(`${name}(${form === 'vrs' ? VRS : BYTES})`);
  return submission(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]));
}

for (const kind of ['TransferWithAuthorization', 'ReceiveWithAuthorization'] as const) {
  for (const form of ['vrs', 'bytes'] as const) {
    describe(`Stablecoin ${kind} with a signature as ${form}`, () => {
      it('moves the amount and uses the nonce', async () => {
        const { coin } = await corridor();
        const { nonce } = authorize();
        expect(await coin.authorizationState(payer, nonce)).to.equal(false);
        const submission = submit(coin, kind, form);
        await expect(submission).to.emit(coin, 'AuthorizationUsed').withArgs(payer, nonce);
        await expect(submission).to.emit(coin, 'Transfer').withArgs(payer, recipient, COIN);
        expect(await coin.balanceOf(payer)).to.equal(FUNDS - COIN);
        expect(await coin.balanceOf(recipient)).to.equal(COIN);
        expect(await coin.authorizationState(payer, nonce)).to.equal(true);
      });

      it('given a neighbouring nonce was used, still counts, once', async () => {
        const { coin } = await corridor();
        for (const nonce of [0n, 1n, 255n, 256n].map((n) => ethers.toBeHex(n, 32))) {
          await submit(coin, kind, form, { nonce });
          await expect(submit(coin, kind, form, { nonce }))
            .to.be.revertedWithCustomError(coin, 'AuthorizationAlreadyUsed')
            .withArgs(payer, nonce);
        }
        expect(await coin.balanceOf(recipient)).to.equal(4n * COIN);
      });

      it('outside of its time reverts with both times', async () => {
        const { coin } = await corridor();
        await expect(submit(coin, kind, form, { validAfter: LATER }))
          .to.be.revertedWithCustomError(coin, 'AuthorizationNotYetValid')
          .withArgs(LATER, (time: bigint) => time < LATER);
        const validBefore = await now();
        await expect(submit(coin, kind, form, { validBefore }))
          .to.be.revertedWithCustomError(coin, 'AuthorizationExpired')
          .withArgs(validBefore, (time: bigint) => time >= validBefore);
      });

      it('signed by somebody else reverts', async () => {
        const { coin } = await corridor();
        await expect(submit(coin, kind, form, {}, stranger))
          .to.be.revertedWithCustomError(coin, 'InvalidSignature')
          .withArgs(payer);
      });

      it('of more than there is, to a frozen account or to nobody reverts, and leaves the nonce', async () => {
        const { coin } = await corridor();
        await expect(submit(coin, kind, form, { value: FUNDS + 1n }))
          .to.be.revertedWithCustomError(coin, 'ERC20InsufficientBalance')
          .withArgs(payer, FUNDS, FUNDS + 1n);
        if (kind === 'TransferWithAuthorization') {
          await expect(submit(coin, kind, form, { to: frozen.address }))
            .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
            .withArgs(frozen);
          await expect(submit(coin, kind, form, { to: ethers.ZeroAddress }))
            .to.be.revertedWithCustomError(coin, 'ERC20InvalidReceiver')
            .withArgs(ethers.ZeroAddress);
        }
        expect(await coin.authorizationState(payer, authorize().nonce)).to.equal(false);
      });

      it('given the payer is frozen or the token paused, reverts', async () => {
        const { coin } = await corridor();
        await coin.freeze(payer);
        await expect(submit(coin, kind, form))
          .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
          .withArgs(payer);
        await coin.unfreeze(payer);
        await coin.pause();
        await expect(submit(coin, kind, form)).to.be.revertedWithCustomError(coin, 'TokenIsPaused');
      });
    });
  }
}

describe('Stablecoin authorizations', () => {
  it('to oneself change nothing but the nonce', async () => {
    const { coin } = await corridor();
    await submit(coin, 'TransferWithAuthorization', 'vrs', {
      to: payer.address,
      value: FUNDS,
    });
    expect(await coin.balanceOf(payer)).to.equal(FUNDS);
  });

  it('to be received by somebody else revert', async () => {
    const { coin } = await corridor();
    for (const form of ['vrs', 'bytes'] as const) {
      await expect(
        submit(coin, 'ReceiveWithAuthorization', form, {
          to: stranger.address,
        }),
      )
        .to.be.revertedWithCustomError(coin, 'CallerIsNotPayee')
        .withArgs(recipient, stranger);
    }
  });

  it('signed for transfer do not count for receive', async () => {
    const { coin } = await corridor();
    const message = authorize();
    const { vrs } = await sign(payer, coin, 'TransferWithAuthorization', message);
    const receive = (coin.connect(recipient) as BaseContract).getFunction(`receiveWithAuthorization(${VRS})`);
    await expect(receive(...Object.values(message), ...vrs)).to.be.revertedWithCustomError(
      coin,
      'InvalidSignature',
    );
  });

  it('of a contract account count by ERC-1271, by its owner only', async () => {
    const { coin, account } = await corridor();
    const from = await account.getAddress();
    await submit(coin, 'TransferWithAuthorization', 'bytes', { from });
    expect(await coin.balanceOf(from)).to.equal(FUNDS - COIN);
    await expect(
      submit(coin, 'TransferWithAuthorization', 'bytes', { from, nonce: ethers.id('2') }, stranger),
    )
      .to.be.revertedWithCustomError(coin, 'InvalidSignature')
      .withArgs(from);
  });

  it('in the second form of the signature, or without one, revert', async () => {
    const { coin } = await corridor();
    const { v, r, s } = await sign(payer, coin, 'TransferWithAuthorization', authorize());
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const wrong = [
      [payer.address, v === 27 ? 28 : 27, r, ethers.toBeHex(order - BigInt(s), 32)],
      [payer.address, 0, r, s],
      [ethers.ZeroAddress, 0, r, s],
    ] as const;
    const transfer = (coin as BaseContract).getFunction(`transferWithAuthorization(${VRS})`);
    for (const [from, ...vrs] of wrong) {
      await expect(transfer(...Object.values(authorize({ from })), ...vrs))
        .to.be.revertedWithCustomError(coin, 'InvalidSignature')
        .withArgs(from);
    }
  });

  it('whose signature has another length revert', async () => {
    const { coin } = await corridor();
    const transfer = (coin as BaseContract).getFunction(`transferWithAuthorization(${BYTES})`);
    await expect(transfer(...Object.values(authorize()), '0x1234')).to.be.revertedWithCustomError(
      coin,
      'InvalidSignature',
    );
  });

  describe('cancelAuthorization', () => {
    const nonce = ethers.id('nonce');
    const forms = {
      vrs: 'address,bytes32,uint8,bytes32,bytes32',
      bytes: 'address,bytes32,bytes',
    } as const;

    for (const form of ['vrs', 'bytes'] as const) {
      it(`with a signature as ${form} makes the authorization worthless, also while paused`, async () => {
        const { coin } = await corridor();
        const { vrs, bytes } = await sign(payer, coin, 'CancelAuthorization', {
          authorizer: payer.address,
          nonce,
        });
        const cancel = coin.connect(relayer).getFunction(`cancelAuthorization(${forms[form]})`);
        const signature = form === 'vrs' ? vrs : [bytes];
        await coin.pause();
        await expect(cancel(payer, nonce, ...signature))
          .to.emit(coin, 'AuthorizationCanceled')
          .withArgs(payer, nonce);
        await coin.unpause();
        await expect(cancel(payer, nonce, ...signature))
          .to.be.revertedWithCustomError(coin, 'AuthorizationAlreadyUsed')
          .withArgs(payer, nonce);
        await expect(submit(coin, 'TransferWithAuthorization', 'vrs'))
          .to.be.revertedWithCustomError(coin, 'AuthorizationAlreadyUsed')
          .withArgs(payer, nonce);
      });

      it(`with a signature as ${form} of somebody else reverts`, async () => {
        const { coin } = await corridor();
        const message = { authorizer: payer.address, nonce };
        const { vrs, bytes } = await sign(stranger, coin, 'CancelAuthorization', message);
        const cancel = coin.getFunction(`cancelAuthorization(${forms[form]})`);
        await expect(cancel(payer, nonce, ...(form === 'vrs' ? vrs : [bytes])))
          .to.be.revertedWithCustomError(coin, 'InvalidSignature')
          .withArgs(payer);
      });
    }
  });
});
