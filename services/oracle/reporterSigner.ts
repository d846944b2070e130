import { ConfigError } from '../platform/config.ts';
import { openKeys } from '../platform/keys.ts';
import type { Signer } from '../platform/signer.ts';
import type { OracleConfig } from './config.ts';

/**
 * The key of a reporter, wherever it is.
 * @throws ConfigError when there is none or more than one, or it cannot be opened
 */
export function openReporterSigner(config: OracleConfig): Signer {
  const one = (value: string | undefined) => (value === undefined ? [] : [value]);
  const [signer, another] = openKeys({
    privateKeys: one(config.ORACLE_REPORTER_KEY),
    keystores: ['ORACLE_KEYSTORE', one(config.ORACLE_KEYSTORE)],
    passwordFile: ['ORACLE_KEYSTORE_PASSWORD_FILE', config.ORACLE_KEYSTORE_PASSWORD_FILE],
    remoteUrl: ['ORACLE_REMOTE_SIGNER_URL', config.ORACLE_REMOTE_SIGNER_URL],
    remoteKeys: ['ORACLE_REMOTE_PUBLIC_KEY', one(config.ORACLE_REMOTE_PUBLIC_KEY)],
    remoteToken: config.ORACLE_REMOTE_SIGNER_TOKEN,
  });
  if (signer && !another) return signer;
  throw new ConfigError(
    `ORACLE_REPORTER_KEY: ${signer ? 'is not the only key' : 'is missing'}; a reporter signs with one key, which is here, in ORACLE_KEYSTORE or on ORACLE_REMOTE_SIGNER_URL.`,
  );
}
