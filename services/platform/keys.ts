/** Opens the keys that a configuration names: in its variables, in key files, or on a remote signer. */
import { readFileSync } from 'node:fs';
import type { Hex } from 'viem';
import { ConfigError } from './config.ts';
import { openKeystore } from './keystore.ts';
import { createRemoteSigner } from './remoteSigner.ts';
import { createSigner, type Signer } from './signer.ts';

/** A variable's name, for the sentence when something is wrong, and its value. */
type Variable<Value> = readonly [name: string, value: Value];

export interface ConfiguredKeys {
  privateKeys: readonly string[];
  /** Files, all opened by one password. */
  keystores: Variable<readonly string[]>;
  passwordFile: Variable<string | undefined>;
  remoteUrl: Variable<string | undefined>;
  /** Public keys that the remote signer signs with. */
  remoteKeys: Variable<readonly string[]>;
  remoteToken: string | undefined;
}

/**
 * All of them, in this order.
 * @throws ConfigError when a file cannot be read or opened, or a variable needs another one
 */
export function openKeys(keys: ConfiguredKeys): Signer[] {
  return [
    ...keys.privateKeys.map((key) => createSigner(key as Hex)),
    ...keystoreSigners(keys),
    ...remoteSigners(keys),
  ];
}

function keystoreSigners({ keystores, passwordFile }: ConfiguredKeys): Signer[] {
  const [name, files] = keystores;
  if (files.length === 0) return [];
  const [passwordName, place] = passwordFile;
  if (!place) throw new ConfigError(`${passwordName}: is missing; ${name} needs it.`);
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new ConfigError(
        `The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}). Correct ${name} or ${passwordName}.`,
      );
    }
  };
  const password = read(place).replace(/\r?\n$/, '');
  return files.map((file) => createSigner(openKeystore(read(file), password, file)));
}

function remoteSigners({ remoteUrl, remoteKeys, remoteToken: token }: ConfiguredKeys): Signer[] {
  const [[urlName, url], [name, publicKeys]] = [remoteUrl, remoteKeys];
  if (publicKeys.length > 0 && !url) throw new ConfigError(`${urlName}: is missing; ${name} needs it.`);
  if (url && publicKeys.length === 0)
    throw new ConfigError(
      `${name}: is missing; name what to use of the keys that GET /api/v1/eth1/publicKeys lists.`,
    );
  return publicKeys.map((publicKey) =>
    createRemoteSigner({ url: url as string, publicKey: publicKey as Hex, token }),
  );
}
