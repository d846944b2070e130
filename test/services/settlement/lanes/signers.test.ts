import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { encryptKeystoreJsonSync } from 'ethers';
import { privateKeyToAccount } from 'viem/accounts';
import type { Deployment } from '../../../../services/core/deployment.ts';
import { ConfigError, loadConfig } from '../../../../services/platform/config.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import { openSigners } from '../../../../services/settlement/signers.ts';
import { localKey, localSigner } from '../../../support/lanes.ts';

describe('lanes: the configured signers', () => {
  let folder: string;
  let keystore: string;
  let passwordFile: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-keys-'));
    [keystore, passwordFile] = [path.join(folder, 'key.json'), path.join(folder, 'password')];
    const { address } = localSigner(2);
    const file = encryptKeystoreJsonSync({ address, privateKey: localKey(2) }, 'secret', {
      scrypt: { N: 4_096, r: 8, p: 1 },
    });
    await writeFile(keystore, file);
    await writeFile(passwordFile, 'secret\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = (variables: Record<string, string>, chainId = 31_337) => {
    const environment = { DATABASE_URL: 'postgres://a@b/c', RPC_URL: 'http://127.0.0.1:1', ...variables };
    const config = loadConfig(settlementConfig, environment);
    return openSigners({ config, deployment: { chainId } as Deployment }).map(({ address }) => address);
  };
  const address = (index: number) => localSigner(index).address;

  it('are private keys, key files and keys of a remote signer, in this order', () => {
    const publicKey = `0x${privateKeyToAccount(localKey(3)).publicKey.slice(4)}`;
    const found = open({
      SETTLEMENT_SIGNER_KEYS: `${localKey(1)}, ${localKey(4)}`,
      SETTLEMENT_KEYSTORES: keystore,
      SETTLEMENT_KEYSTORE_PASSWORD_FILE: passwordFile,
      SETTLEMENT_REMOTE_SIGNER_URL: 'https://signer.example:9000',
      SETTLEMENT_REMOTE_PUBLIC_KEYS: publicKey,
    });
    expect(found).to.deep.equal([address(1), address(4), address(2), address(3)]);
  });

  it('are the well-known operator on the local chain, and nobody elsewhere', () => {
    expect(open({})).to.deep.equal([address(1)]);
    expect(() => open({}, 1)).to.throw(ConfigError, /SETTLEMENT_SIGNER_KEYS: is missing/);
  });

  it('are refused when one is named twice, or its file cannot be read', () => {
    const twice = { SETTLEMENT_SIGNER_KEYS: `${localKey(1)},${localKey(1)}` };
    expect(() => open(twice)).to.throw(ConfigError, /configured twice/);
    const missing = { SETTLEMENT_KEYSTORES: '/none.json', SETTLEMENT_KEYSTORE_PASSWORD_FILE: passwordFile };
    expect(() => open(missing)).to.throw(ConfigError, /cannot be read/);
  });
});
