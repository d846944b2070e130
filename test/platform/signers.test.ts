import { expect } from 'chai';
import { encryptKeystoreJsonSync } from 'ethers';
import { type Hex, parseTransaction, recoverTransactionAddress } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { ConfigError } from '../../services/platform/config.ts';
import { openKeystore } from '../../services/platform/keystore.ts';
import { createRemoteSigner } from '../../services/platform/remoteSigner.ts';
import { createSigner, type UnsignedTransaction } from '../../services/platform/signer.ts';
import { type RemoteSigner, type SignerFault, startRemoteSigner } from '../support/remoteSigner.ts';

const PRIVATE_KEY: Hex = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d';
const ADDRESS = '0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b';
const transaction: UnsignedTransaction = {
  chainId: 31_337,
  nonce: 7,
  to: '0x00000000000000000000000000000000000000aa',
  data: '0x1234',
  gas: 90_000n,
  maxFeePerGas: 3_000_000_000n,
  maxPriorityFeePerGas: 1_000_000_000n,
};

describe('signers: a remote signer', () => {
  let server: RemoteSigner;
  beforeEach(async () => {
    server = await startRemoteSigner(PRIVATE_KEY);
  });
  afterEach(() => server?.[Symbol.asyncDispose]());
  const signer = (over: { url?: string; token?: string; timeoutMs?: number } = {}) =>
    createRemoteSigner({ url: server.url, publicKey: server.publicKey, timeoutMs: 30_000, ...over });
  const codeOf = (signed: Promise<unknown>) =>
    signed.then(
      () => 'signed',
      (error: { code: string }) => error.code,
    );

  it('is known by the address of its public key, without asking anybody', () => {
    expect(signer({ url: 'http://127.0.0.1:1' }).address).to.equal(ADDRESS);
  });

  it('signs the transaction that it is given', async () => {
    const { hash, raw } = await signer().sign(transaction);
    const local = await createSigner(PRIVATE_KEY).sign(transaction);
    expect({ hash, raw }).to.deep.equal(local);
  });

  it('signs bytes as the key itself does, also when the server answers with s in the upper half', async () => {
    const local = await createSigner(PRIVATE_KEY).signBytes('0x1901abcd');
    for (const fault of ['none', 'high s'] as const) {
      server.fault = fault;
      const { r, s, yParity } = await signer().signBytes('0x1901abcd');
      expect([r, s, yParity]).to.deep.equal([local.r, local.s, local.yParity]);
    }
    server.fault = 'wrong key';
    expect(await codeOf(signer().signBytes('0x1901abcd'))).to.equal('signer_mismatch');
  });

  it('gives a signature that chains accept when the server answers with s in the upper half', async () => {
    server.fault = 'high s';
    const { raw } = await signer().sign(transaction);
    expect(raw).to.equal((await createSigner(PRIVATE_KEY).sign(transaction)).raw);
    expect(await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` })).to.equal(
      ADDRESS,
    );
    expect(parseTransaction(raw).nonce).to.equal(7);
  });

  const faults: [SignerFault, string][] = [
    ['silent', 'signer_unavailable'],
    ['error', 'signer_unavailable'],
    ['wrong key', 'signer_mismatch'],
    ['garbage', 'signer_garbage'],
  ];
  for (const [fault, code] of faults)
    it(`gives nothing but ${code} when the server is at fault: ${fault}`, async () => {
      server.fault = fault;
      const timeoutMs = fault === 'silent' ? 300 : 30_000;
      expect(await codeOf(signer({ timeoutMs }).sign(transaction))).to.equal(code);
    });

  it('asks once more when the server fails, not when it refuses', async () => {
    server.failNext = 1;
    expect(await codeOf(signer().sign(transaction))).to.equal('signed');
    expect(server.authorizations).to.have.length(2);
    const stranger = createRemoteSigner({ url: server.url, publicKey: `0x04${'79'.repeat(63)}` as Hex });
    expect(await codeOf(stranger.sign(transaction))).to.equal('signer_refused');
    expect(server.authorizations).to.have.length(3);
  });

  it('does not answer where nobody listens', async () => {
    expect(await codeOf(signer({ url: 'http://127.0.0.1:1' }).sign(transaction))).to.equal(
      'signer_unavailable',
    );
  });

  it('shows credentials in the header, and in no error', async () => {
    const basic = server.url.replace('http://', 'http://us%40er:pass@');
    await signer({ url: basic }).sign(transaction);
    await signer({ token: 'abc' }).sign(transaction);
    const encoded = Buffer.from('us@er:pass').toString('base64');
    expect(server.authorizations).to.deep.equal([`Basic ${encoded}`, 'Bearer abc']);
    server.fault = 'error';
    const error = await signer({ url: basic })
      .sign(transaction)
      .catch((reason: Error) => reason);
    expect((error as Error).message).not.to.match(/pass/);
  });
});

describe('signers: key files', () => {
  const scrypt = JSON.parse(
    encryptKeystoreJsonSync({ address: ADDRESS, privateKey: PRIVATE_KEY }, 'testpassword', {
      scrypt: { N: 4_096, r: 8, p: 1 },
    }),
  );
  // Of the Web3 Secret Storage definition. Its scrypt file breaks RFC 7914 (N < 2^16r), so one of ethers stands above.
  const pbkdf2 = {
    address: '008aeeda4d805471df9b2a5b0f38a0c3bcba786b',
    version: 3,
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
      ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
      kdf: 'pbkdf2',
      kdfparams: {
        c: 262_144,
        dklen: 32,
        prf: 'hmac-sha256',
        salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
      },
      mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
    },
  };
  const open = (file: object, password = 'testpassword') =>
    openKeystore(JSON.stringify(file), password, 'key.json');

  for (const [name, file] of Object.entries({ scrypt, pbkdf2 }))
    it(`opens a key file: ${name}`, () => {
      const key = open(file);
      expect(key).to.equal(PRIVATE_KEY);
      expect(privateKeyToAddress(key)).to.equal(ADDRESS);
    });

  it('refuses a wrong password, a changed file, another address and what is no key file', () => {
    const changed = {
      ...pbkdf2,
      crypto: { ...pbkdf2.crypto, ciphertext: `00${pbkdf2.crypto.ciphertext.slice(2)}` },
    };
    const claims = { ...pbkdf2, address: `${'0'.repeat(39)}1` };
    const costly = structuredClone(scrypt);
    costly.Crypto.kdfparams.n = 2 ** 30;
    expect(() => open(pbkdf2, 'testpassword ')).to.throw(ConfigError, /password does not open/);
    expect(() => open(changed)).to.throw(ConfigError, /password does not open/);
    expect(() => open(claims)).to.throw(ConfigError, /holds the key of/);
    expect(() => open(costly)).to.throw(ConfigError, /cannot be used/);
    expect(() => open({ version: 1 })).to.throw(ConfigError, /no Web3 Secret Storage/);
    expect(() => openKeystore('nonsense', '', 'key.json')).to.throw(ConfigError, /no Web3 Secret Storage/);
  });
});
