import { expect } from 'chai';
import type { BaseContract, ContractTransactionResponse } from 'ethers';
import { openChain } from './fixture.ts';

const { ethers, networkHelpers, accounts, corridor, pack, sign, now } = await openChain();
const { minter, payer, recipient, relayer, stranger } = accounts;

const amounts = [0n, 1n, 2n, 3n, 5n, 7n, 8n, 9n, 255n, 256n, 257n, 1_000_001n];
const parameters = 'address,address,uint256,uint256,uint256,bytes32';

type Coin = Awaited<ReturnType<typeof corridor>>['coin'];

async function authorized(
  coin: Coin,
  value: bigint,
  nonce: string,
  form: 'vrs' | 'bytes' = 'vrs',
): Promise<ContractTransactionResponse> {
  const at = (await now()) + 100n;
  const [from, to, validAfter, validBefore] = [stranger.address, recipient.address, at - 1n, at + 1n];
  const message = { from, to, value, validAfter, validBefore, nonce };
  const { vrs, bytes } = await sign(stranger, coin, 'TransferWithAuthorization', message);
  const types = `${parameters},${form === 'vrs' ? 'uint8,bytes32,bytes32' : 'bytes'}`;
  const submit = (coin.connect(relayer) as BaseContract).getFunction(`transferWithAuthorization(${types})`);
  await networkHelpers.time.setNextBlockTimestamp(at);
  return await submit(...Object.values(message), ...(form === 'vrs' ? vrs : [bytes]));
}

/** Ways to move money of the stranger's to the recipient. */
const ways: Record<string, (coin: Coin, amount: bigint, nonce: string) => Promise<unknown>> = {
  transfer: async (coin, amount) => await coin.connect(stranger).transfer(recipient, amount),
  transferFrom: async (coin, amount) => {
    await coin.connect(stranger).approve(relayer, amount);
    await coin.connect(relayer).transferFrom(stranger, recipient, amount);
    expect(await coin.allowance(stranger, relayer)).to.equal(0n);
  },
  transferBatch: async (coin, amount) =>
    await coin.connect(stranger).transferBatch([pack(recipient, amount)]),
  transferWithAuthorization: async (coin, amount, nonce) => await authorized(coin, amount, nonce),
};

/** What the code of a signed transfer costs, without the calldata of either form. */
async function executionGas(balance: bigint, value: bigint, form: 'vrs' | 'bytes'): Promise<bigint> {
  const { coin } = await corridor();
  await coin.connect(minter).mint(stranger, balance);
  await coin.connect(minter).mint(recipient, 1n);
  const transaction = await authorized(coin, value, ethers.id('authorization'), form);
  const bytes = ethers.getBytes(transaction.data);
  const calldataGas = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n);
  return ((await transaction.wait())?.gasUsed ?? 0n) - calldataGas;
}

describe('Stablecoin transferWithAuthorization', () => {
  for (const [balance, value] of [
    [1n, 1n],
    [2n, 1n],
    [3n, 2n],
    [7n, 7n],
    [8n, 7n],
    [256n, 255n],
    [1_000_002n, 1_000_001n],
  ] as const) {
    it(`of ${value} out of ${balance} takes the short way, which the other form of signature has not`, async () => {
      const [short, long] = [
        await executionGas(balance, value, 'vrs'),
        await executionGas(balance, value, 'bytes'),
      ];
      expect(long - short).to.be.at.least(1_350n);
    });
  }
});

describe('Stablecoin balances of any size', () => {
  for (const [name, move] of Object.entries(ways)) {
    it(`move by ${name} as they are`, async () => {
      const { coin } = await corridor();
      let received = 0n;
      for (const amount of amounts) {
        for (const left of [0n, 1n, 6n]) {
          await coin.connect(minter).mint(stranger, amount + left);
          await move(coin, amount, ethers.id(`${amount} and ${left}`));
          received += amount;
          expect(await coin.balanceOf(stranger), `${amount}, ${left} left`).to.equal(left);
          expect(await coin.balanceOf(recipient), `${amount}, ${left} left`).to.equal(received);
          await coin.connect(stranger).burn(left);
        }
      }
      expect(await coin.totalSupply()).to.equal((await coin.balanceOf(payer)) * 2n + received);
    });
  }
});
