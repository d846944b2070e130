import { expect } from 'chai';
import type { ContractTransactionResponse } from 'ethers';
import { COIN, openChain } from './fixture.ts';

const { ethers, accounts, corridor, pack, sign } = await openChain();
const { minter, payer, recipient, relayer, frozen } = accounts;
const NONCE = ethers.id('nonce');

const TRANSFER = ethers.id('Transfer(address,address,uint256)');
const AUTHORIZATION_USED = ethers.id('AuthorizationUsed(address,bytes32)');
const AUTHORIZATION_CANCELED = ethers.id('AuthorizationCanceled(address,bytes32)');
const word = (value: bigint | { address: string }) =>
  ethers.toBeHex(typeof value === 'bigint' ? value : value.address, 32);

/** Topics and then data of each log entry, to the last byte: whoever watches the chain reads them without this code. */
async function logsOf(transaction: Promise<ContractTransactionResponse>): Promise<string[][]> {
  const receipt = await (await transaction).wait();
  return receipt?.logs.map(({ topics, data }) => [...topics, data]) ?? [];
}

const moved = (from: { address: string }, to: { address: string }, amount: bigint) => [
  TRANSFER,
  word(from),
  word(to),
  word(amount),
];

describe('Stablecoin: what it logs of', () => {
  it('a transfer', async () => {
    const { coin } = await corridor();
    const logs = await logsOf(coin.connect(payer).transfer(recipient, 7n));
    expect(logs).to.deep.equal([moved(payer, recipient, 7n)]);
  });

  it('a mint and a burn', async () => {
    const { coin } = await corridor();
    const nobody = { address: ethers.ZeroAddress };
    expect(await logsOf(coin.connect(minter).mint(recipient, 7n))).to.deep.equal([
      moved(nobody, recipient, 7n),
    ]);
    expect(await logsOf(coin.connect(payer).burn(8n))).to.deep.equal([moved(payer, nobody, 8n)]);
  });

  it('a batch: the payments that moved', async () => {
    const { coin } = await corridor();
    const payments = [pack(recipient, 1n), pack(frozen, 2n), pack(relayer, 3n)];
    expect(await logsOf(coin.connect(payer).transferBatch(payments))).to.deep.equal([
      moved(payer, recipient, 1n),
      moved(payer, relayer, 3n),
    ]);
  });

  for (const [form, signature] of [
    ['vrs', 'uint8,bytes32,bytes32'],
    ['bytes', 'bytes'],
  ] as const) {
    it(`a transfer by authorization with a signature as ${form}`, async () => {
      const { coin } = await corridor();
      const message = {
        from: payer.address,
        to: recipient.address,
        value: COIN,
        validAfter: 0n,
        validBefore: 2n ** 40n,
        nonce: NONCE,
      };
      const { vrs, bytes } = await sign(payer, coin, 'TransferWithAuthorization', message);
      const name = `transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,${signature})`;
      const submit = coin.connect(relayer).getFunction(name);
      expect(
        await logsOf(submit(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]))),
      ).to.deep.equal([[AUTHORIZATION_USED, word(payer), NONCE, '0x'], moved(payer, recipient, COIN)]);
    });

    it(`a cancelled authorization with a signature as ${form}`, async () => {
      const { coin } = await corridor();
      const message = { authorizer: payer.address, nonce: NONCE };
      const { vrs, bytes } = await sign(payer, coin, 'CancelAuthorization', message);
      const submit = coin.connect(relayer).getFunction(`cancelAuthorization(address,bytes32,${signature})`);
      expect(
        await logsOf(submit(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]))),
      ).to.deep.equal([[AUTHORIZATION_CANCELED, word(payer), NONCE, '0x']]);
    });
  }
});
