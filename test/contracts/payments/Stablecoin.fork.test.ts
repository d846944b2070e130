import { expect } from 'chai';
import { network } from 'hardhat';
import { openChain } from './fixture.ts';

const { ethers, accounts, corridor, sign } = await openChain();
const { payer, recipient } = accounts;
const LATER = 2n ** 40n;
const NONCE = ethers.id('nonce');

/** The token with its code, and without money, on a chain with another id: what a chain split makes of it. */
async function split() {
  const { coin } = await corridor();
  const other = await network.create({ override: { chainId: 31_338 } });
  const address = await coin.getAddress();
  await other.networkHelpers.setCode(address, await ethers.provider.getCode(address));
  const [submitter] = await other.ethers.getSigners();
  if (!submitter) throw new Error('The other chain has no account.');
  return { here: coin, there: coin.connect(submitter), submitter };
}

const transfer = {
  from: payer.address,
  to: recipient.address,
  value: 0n,
  validAfter: 0n,
  validBefore: LATER,
  nonce: NONCE,
};
const cancellation = { authorizer: payer.address, nonce: NONCE };
const SIGNATURE = 'uint8,bytes32,bytes32';
const forms = [
  {
    name: 'transferWithAuthorization',
    type: 'TransferWithAuthorization',
    parameters: 'address,address,uint256,uint256,uint256,bytes32',
    message: transfer,
    event: 'AuthorizationUsed',
  },
  {
    name: 'cancelAuthorization',
    type: 'CancelAuthorization',
    parameters: 'address,bytes32',
    message: cancellation,
    event: 'AuthorizationCanceled',
  },
] as const;

describe('Stablecoin on a chain that has split off', () => {
  for (const { name, type, parameters, message, event } of forms) {
    for (const form of ['vrs', 'bytes'] as const) {
      it(`${name} with a signature as ${form} counts for the chain that it names, and not for the other`, async () => {
        const { here, there } = await split();
        const submit = there.getFunction(`${name}(${parameters},${form === 'vrs' ? SIGNATURE : 'bytes'})`);
        const signed = async (coin: typeof here) => {
          const { vrs, bytes } = await sign(payer, coin, type, message);
          return [...Object.values(message), ...(form === 'vrs' ? vrs : [bytes])];
        };
        await expect(submit(...(await signed(here))))
          .to.be.revertedWithCustomError(there, 'InvalidSignature')
          .withArgs(payer);
        await expect(submit(...(await signed(there))))
          .to.emit(there, event)
          .withArgs(payer, NONCE);
      });
    }
  }
});
