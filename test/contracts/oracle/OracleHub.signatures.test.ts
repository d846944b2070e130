import { expect } from 'chai';
import { concat, dataSlice, toBeHex, Wallet } from 'ethers';
import { EUR_USD, openChain, PRICE_CONFIG, RATE, RESERVE } from './fixture.ts';
import {
  agree,
  type PriceRound,
  packMedians,
  packValues,
  reporterWallets,
  reportTypes,
  signPrices,
} from './reporters.ts';

const { oracle, now, mineAt, reporters, priceRound, ethers, accounts } = await openChain();
const { transmitter, stranger } = accounts;
type Hub = Awaited<ReturnType<typeof oracle>>['hub'];
type Report = Awaited<ReturnType<typeof signPrices>>;
type Signed = Report[2];

/** Half the order of secp256k1, rounded down: the greatest `s` that counts. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const GENERATOR_X = '0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const rowsOf = (indexes: number[], value = RATE) =>
  Object.fromEntries(indexes.map((index) => [index, [value]]));

/** Signs a round, changes what is transmitted, and transmits it. */
async function transmit(
  hub: Hub,
  observed: Partial<PriceRound> = {},
  change: (signed: Signed) => Partial<Signed> = () => ({}),
  wallets = reporters,
) {
  const round = await priceRound(1, RATE, observed);
  const [number, feeds, signed] = await signPrices(hub, wallets, round);
  if ((await now()) < round.observedAt) await mineAt(round.observedAt);
  return await hub.report(number, feeds, { ...signed, ...change(signed) });
}

/** The signatures with one of them, or a part of it, replaced. */
const withWord = (signed: Signed, index: number, word: (old: string) => string) => ({
  signatures: signed.signatures.map((old, i) => (i === index ? word(String(old)) : String(old))),
});

/** The digest of a reporter is in the error; which reporter it is says what failed. */
const refused = async (hub: Hub, transmission: Promise<unknown>, reporter: number) =>
  await expect(transmission)
    .to.be.revertedWithCustomError(hub, 'QuorumSignatureInvalid')
    .withArgs(reporters[reporter]?.address, (digest: string) => digest.length === 66);

describe('OracleHub report, given a quorum', () => {
  it('takes in what anybody transmits', async () => {
    const { hub } = await oracle();
    await expect(transmit(hub.connect(stranger) as Hub)).to.emit(hub, 'PriceHeld');
    await expect(transmit(hub.connect(transmitter) as Hub, { round: 2 })).to.emit(hub, 'PriceAccepted');
  });

  for (const indexes of [
    [0, 1, 2, 3, 4],
    [2, 3, 4, 5, 6],
    [0, 2, 3, 5, 6],
    [0, 1, 2, 4, 5, 6],
    [0, 1, 2, 3, 4, 5, 6],
  ]) {
    it(`counts reporters ${indexes.join(', ')}`, async () => {
      const { hub } = await oracle();
      await expect(transmit(hub, { rows: rowsOf(indexes) })).to.emit(hub, 'PriceHeld');
    });
  }

  it('has signed the types that the contract names', async () => {
    const { hub } = await oracle();
    const { Prices, Observations, Window } = reportTypes;
    const hash = (types: Record<string, typeof Prices>, primaryType: string) =>
      ethers.id(ethers.TypedDataEncoder.from(types).encodeType(primaryType));
    expect(await hub.PRICES_TYPEHASH()).to.equal(hash({ Prices }, 'Prices'));
    expect(await hub.OBSERVATIONS_TYPEHASH()).to.equal(hash({ Observations, Window }, 'Observations'));
  });

  it('names the digest that the reporter should have signed', async () => {
    const { hub } = await oracle();
    const observed = await priceRound(1, RATE);
    const [round, feeds, signed] = await signPrices(hub, reporters, observed);
    await mineAt(observed.observedAt);
    const [, name, version, chainId, verifyingContract] = await hub.eip712Domain();
    const digest = ethers.TypedDataEncoder.hash(
      { name, version, chainId, verifyingContract },
      { Prices: reportTypes.Prices },
      { setVersion: 1, round, observedAt: observed.observedAt, feeds, values: packValues([RATE]) },
    );
    const broken = withWord(signed, 2, () => ethers.ZeroHash);
    await expect(hub.report(round, feeds, { ...signed, ...broken }))
      .to.be.revertedWithCustomError(hub, 'QuorumSignatureInvalid')
      .withArgs(reporters[1]?.address, digest);
  });
});

describe('OracleHub report refuses', () => {
  it('fewer signatures than a quorum', async () => {
    const { hub } = await oracle();
    await expect(transmit(hub, { rows: rowsOf([0, 1, 2, 3]) }))
      .to.be.revertedWithCustomError(hub, 'QuorumNotReached')
      .withArgs(4n, 5n);
    await expect(transmit(hub, { rows: rowsOf([6]) }))
      .to.be.revertedWithCustomError(hub, 'QuorumNotReached')
      .withArgs(1n, 5n);
    await expect(transmit(hub, {}, () => ({ reporters: 0 })))
      .to.be.revertedWithCustomError(hub, 'QuorumNotReached')
      .withArgs(0n, 5n);
  });

  it('reporters that the set does not have', async () => {
    const { hub } = await oracle();
    const more = [...reporters, ...reporterWallets(1, 'eighth')];
    await expect(transmit(hub, { rows: rowsOf([0, 1, 2, 3, 7]) }, undefined, more))
      .to.be.revertedWithCustomError(hub, 'SignerUnknown')
      .withArgs(0b10001111n, 7n);
    await expect(transmit(hub, {}, () => ({ reporters: 2 ** 31 + 31 })))
      .to.be.revertedWithCustomError(hub, 'SignerUnknown')
      .withArgs(2n ** 31n + 31n, 7n);
  });

  it('one reporter twice', async () => {
    const { hub } = await oracle();
    await refused(
      hub,
      transmit(hub, {}, (signed) => {
        const [r, vs] = signed.signatures.map(String) as [string, string];
        return { signatures: [r, vs, r, vs, ...signed.signatures.slice(4).map(String)] };
      }),
      1,
    );
  });

  it('rows in another order than the set', async () => {
    const { hub } = await oracle();
    const reversed = (signed: Signed) => {
      const words = signed.signatures.map(String);
      return { signatures: [8, 9, 6, 7, 4, 5, 2, 3, 0, 1].map((i) => words[i] as string) };
    };
    await refused(hub, transmit(hub, {}, reversed), 0);
  });

  it('a stranger among the reporters, in any place', async () => {
    const { hub } = await oracle();
    for (let place = 0; place < 5; ++place) {
      const wallets = reporters.map((wallet, i) =>
        i === place ? new Wallet(ethers.id('stranger')) : wallet,
      );
      await refused(hub, transmit(hub, {}, undefined, wallets), place);
    }
  });

  it('a signature of other values, another round, time or feed', async () => {
    const { hub } = await oracle();
    const changed = transmit(hub, {}, () => ({
      values: packValues([RATE, RATE, RATE + 1n, RATE, RATE]),
    }));
    await refused(hub, changed, 2);

    const observed = await priceRound(1, RATE);
    const [round, feeds, signed] = await signPrices(hub, reporters, observed);
    await mineAt(observed.observedAt + 60n);
    await refused(hub, hub.report(round + 1, feeds, signed), 0);
    await refused(hub, hub.report(round, [RESERVE], signed), 0);
    await refused(hub, hub.report(round, feeds, { ...signed, observedAt: observed.observedAt + 1n }), 0);
    await expect(hub.report(round, feeds, signed)).to.emit(hub, 'PriceHeld');
  });

  it('values that moved between the rows', async () => {
    const { hub } = await oracle();
    const rows = { 0: [1n], 1: [2n], 2: [3n], 3: [4n], 4: [5n] };
    const moved = () => ({ values: packValues([1n, 2n, 4n, 3n, 5n]), medians: packMedians([3]) });
    await refused(hub, transmit(hub, { rows }, moved), 2);
  });

  it('what was signed for another chain, hub, name or version', async () => {
    const { hub, manager } = await oracle();
    const other = await ethers.deployContract('OracleHub', [manager, 0, reporters]);
    const [, name, version, chainId, verifyingContract] = await hub.eip712Domain();
    expect([name, version]).to.deep.equal(['Corridor OracleHub', '1']);
    const own = { name, version, chainId, verifyingContract };
    for (const different of [
      { chainId: chainId + 1n },
      { verifyingContract: await other.getAddress() },
      { name: 'Corridor' },
      { version: '2' },
    ]) {
      await refused(hub, transmit(hub, { domain: { ...own, ...different } }), 0);
    }
    await expect(transmit(hub, { domain: own })).to.emit(hub, 'PriceHeld');
  });

  it('what was signed for another set', async () => {
    const { hub } = await oracle();
    for (const setVersion of [0, 2]) {
      await expect(transmit(hub, { setVersion }))
        .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
        .withArgs(setVersion, 1n);
      await refused(
        hub,
        transmit(hub, { setVersion }, () => ({ setVersion: 1 })),
        0,
      );
    }
  });

  it('the second form of a signature: s from half the order on', async () => {
    const { manager } = await oracle();
    // Nobody finds a key that signs with such an s. So a signature comes first, and the reporter is whom it recovers to.
    const next = { from: accounts.admin.address, nonce: await accounts.admin.getNonce() };
    const domain = {
      name: 'Corridor OracleHub',
      version: '1',
      chainId: 31_337n,
      verifyingContract: ethers.getCreateAddress(next),
    };
    const observedAt = (await now()) + 60n;
    const message = { setVersion: 1, round: 1, observedAt, feeds: [EUR_USD], values: packValues([RATE]) };
    const digest = ethers.TypedDataEncoder.hash(domain, { Prices: reportTypes.Prices }, message);
    const recovered = await Promise.all(
      [HALF_ORDER, HALF_ORDER + 1n].map(async (s) => {
        const data = concat([digest, toBeHex(28, 32), GENERATOR_X, toBeHex(s, 32)]);
        const address = await ethers.provider.call({ to: toBeHex(1, 20), data });
        return dataSlice(address, 12);
      }),
    );
    const addresses = [...recovered, ...reporters.slice(2).map(({ address }) => address)];
    const hub = (await ethers.deployContract('OracleHub', [manager, 0, addresses])) as unknown as Hub;
    expect(await hub.getAddress()).to.equal(domain.verifyingContract);
    await hub.addFeed(EUR_USD, PRICE_CONFIG);

    const transmitWith = async (place: number, s: bigint) => {
      const rows = rowsOf([2, 3, 4, 5]);
      const [round, feeds, signed] = await signPrices(hub, reporters, {
        round: 1,
        observedAt,
        feeds: [EUR_USD],
        rows,
      });
      const vs = toBeHex(s | (1n << 255n), 32);
      if ((await now()) < observedAt) await mineAt(observedAt);
      return await hub.report(round, feeds, {
        ...signed,
        reporters: Number(signed.reporters) | (1 << place),
        values: packValues(Array(5).fill(RATE)),
        medians: packMedians([2]),
        signatures: [GENERATOR_X, vs, ...signed.signatures],
      });
    };
    await expect(transmitWith(1, HALF_ORDER + 1n))
      .to.be.revertedWithCustomError(hub, 'QuorumSignatureInvalid')
      .withArgs(ethers.getAddress(String(recovered[1])), digest);
    await expect(transmitWith(0, HALF_ORDER)).to.emit(hub, 'PriceHeld');
  });

  it('a signature with the other parity, with another s or r, and none', async () => {
    const { hub } = await oracle();
    const flip = (bit: bigint) => (old: string) => toBeHex(BigInt(old) ^ (1n << bit), 32);
    await refused(
      hub,
      transmit(hub, {}, (signed) => withWord(signed, 1, flip(255n))),
      0,
    );
    await refused(
      hub,
      transmit(hub, {}, (signed) => withWord(signed, 9, flip(0n))),
      4,
    );
    await refused(
      hub,
      transmit(hub, {}, (signed) => withWord(signed, 8, flip(0n))),
      4,
    );
    await refused(
      hub,
      transmit(hub, {}, (signed) => withWord(signed, 5, () => ethers.ZeroHash)),
      2,
    );
    await refused(
      hub,
      transmit(hub, {}, (signed) => withWord(signed, 4, () => ethers.ZeroHash)),
      2,
    );
    await refused(
      hub,
      transmit(hub, {}, () => ({ signatures: Array(10).fill(ethers.ZeroHash) })),
      0,
    );
  });

  it('rows, medians and signatures of a wrong length', async () => {
    const { hub } = await oracle();
    const sixty = packValues(Array(5).fill(RATE));
    for (const [values, size] of [
      [dataSlice(sixty, 0, 59), 59n],
      [concat([sixty, '0x00']), 61n],
      [concat([sixty, packValues([RATE])]), 72n],
      ['0x', 0n],
    ] as const) {
      await expect(transmit(hub, {}, () => ({ values })))
        .to.be.revertedWithCustomError(hub, 'ValuesSizeInvalid')
        .withArgs(size, 60n);
    }
    for (const medians of [[], [0, 0]]) {
      await expect(transmit(hub, {}, () => ({ medians: packMedians(medians) })))
        .to.be.revertedWithCustomError(hub, 'MedianCountInvalid')
        .withArgs(medians.length, 1n);
    }
    for (const count of [0, 8, 9, 11, 12]) {
      await expect(transmit(hub, {}, () => ({ signatures: Array(count).fill(ethers.ZeroHash) })))
        .to.be.revertedWithCustomError(hub, 'SignatureCountInvalid')
        .withArgs(count, 10n);
    }
    await expect(transmit(hub, { feeds: [EUR_USD, RESERVE], rows: agree(5, [RATE]) }))
      .to.be.revertedWithCustomError(hub, 'MedianCountInvalid')
      .withArgs(1n, 2n);
  });

  it('calldata that is cut off', async () => {
    const { hub } = await oracle();
    const observed = await priceRound(1, RATE);
    const data = hub.interface.encodeFunctionData('report', await signPrices(hub, reporters, observed));
    await mineAt(observed.observedAt);
    const to = await hub.getAddress();
    for (const size of [4, 36, 200, ethers.dataLength(data) - 32]) {
      await expect(
        transmitter.sendTransaction({ to, data: dataSlice(data, 0, size), gasLimit: 1_000_000 }),
      ).to.revert(ethers);
    }
    await expect(transmitter.sendTransaction({ to, data })).to.emit(hub, 'PriceHeld');
  });
});
