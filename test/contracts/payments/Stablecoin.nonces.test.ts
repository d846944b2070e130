import { expect } from 'chai';
import { openChain } from './fixture.ts';

const { ethers, accounts, corridor, sign } = await openChain();
const { payer, recipient } = accounts;

/** Two words of the bitmap, each from both ends. */
const used = [0n, 1n, 2n, 3n, 127n, 254n, 255n, 256n, 257n, 511n];
const looked = [...used, 4n, 5n, 126n, 128n, 253n, 258n, 510n, 512n, 513n, 2n ** 255n];
const nonceOf = (nonce: bigint) => ethers.toBeHex(nonce, 32);
const parameters = 'address,address,uint256,uint256,uint256,bytes32';

type Coin = Awaited<ReturnType<typeof corridor>>['coin'];
type Verb = 'transferWithAuthorization' | 'receiveWithAuthorization' | 'cancelAuthorization';
type Form = 'vrs' | 'bytes';

async function submit(coin: Coin, verb: Verb, form: Form, nonce: string): Promise<void> {
  const type = (verb[0]?.toUpperCase() + verb.slice(1)) as Capitalize<Verb>;
  const [from, to] = [payer.address, recipient.address];
  const message =
    verb === 'cancelAuthorization'
      ? { authorizer: from, nonce }
      : { from, to, value: 1n, validAfter: 0n, validBefore: 2n ** 40n, nonce };
  const { vrs, bytes } = await sign(payer, coin, type, message);
  const types = verb === 'cancelAuthorization' ? 'address,bytes32' : parameters;
  const call = coin
    .connect(recipient)
    .getFunction(`${verb}(${types},${form === 'vrs' ? 'uint8,bytes32,bytes32' : 'bytes'})`);
  await call(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]));
}

describe('Stablecoin nonces of authorizations', () => {
  for (const verb of [
    'transferWithAuthorization',
    'receiveWithAuthorization',
    'cancelAuthorization',
  ] as const) {
    for (const form of ['vrs', 'bytes'] as const) {
      it(`used by ${verb} with a signature as ${form} are these and no others`, async () => {
        const { coin } = await corridor();
        for (const [index, nonce] of used.entries()) {
          await submit(coin, verb, form, nonceOf(nonce));
          for (const other of looked) {
            const expected = used.slice(0, index + 1).includes(other);
            expect(await coin.authorizationState(payer, nonceOf(other)), `${other} after ${nonce}`).to.equal(
              expected,
            );
          }
        }
        expect(await coin.authorizationState(recipient, nonceOf(0n))).to.equal(false);
      });
    }
  }

  it('mark one place in storage, whoever used them', async () => {
    const { coin } = await corridor();
    await submit(coin, 'transferWithAuthorization', 'vrs', nonceOf(263n));
    const words = ['address', 'uint256', 'bytes32'];
    const place = [payer.address, 1n, ethers.id('corridor.stablecoin.authorizations')];
    const slot = ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(words, place));
    expect(await ethers.provider.getStorage(coin, slot)).to.equal(ethers.toBeHex(1n << 7n, 32));
    for (const [verb, form] of [
      ['receiveWithAuthorization', 'bytes'],
      ['cancelAuthorization', 'vrs'],
      ['transferWithAuthorization', 'bytes'],
    ] as const) {
      await expect(submit(coin, verb, form, nonceOf(263n)), verb)
        .to.be.revertedWithCustomError(coin, 'AuthorizationAlreadyUsed')
        .withArgs(payer, nonceOf(263n));
    }
  });
});
