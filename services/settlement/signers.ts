/** The signers that the configuration names: one lane each. */
import { type Hex, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';
import { ConfigError } from '../platform/config.ts';
import { openKeys } from '../platform/keys.ts';
import { createSigner, type Signer } from '../platform/signer.ts';
import type { SettlementContext } from './context.ts';

/**
 * Opens every configured key. On the local chain, whose keys everybody knows, account 1 of its mnemonic does it when
 * none is named.
 * @throws ConfigError when there is none, a key file cannot be opened, or a key is named twice
 */
export function openSigners({
  config,
  deployment,
}: Pick<SettlementContext, 'config' | 'deployment'>): Signer[] {
  const signers = openKeys({
    privateKeys: config.SETTLEMENT_SIGNER_KEYS,
    keystores: ['SETTLEMENT_KEYSTORES', config.SETTLEMENT_KEYSTORES],
    passwordFile: ['SETTLEMENT_KEYSTORE_PASSWORD_FILE', config.SETTLEMENT_KEYSTORE_PASSWORD_FILE],
    remoteUrl: ['SETTLEMENT_REMOTE_SIGNER_URL', config.SETTLEMENT_REMOTE_SIGNER_URL],
    remoteKeys: ['SETTLEMENT_REMOTE_PUBLIC_KEYS', config.SETTLEMENT_REMOTE_PUBLIC_KEYS],
    remoteToken: config.SETTLEMENT_REMOTE_SIGNER_TOKEN,
  });
  if (signers.length === 0) {
    const missing = `SETTLEMENT_SIGNER_KEYS: is missing; chain ${deployment.chainId} needs a settlement operator's key, here, in SETTLEMENT_KEYSTORES or on SETTLEMENT_REMOTE_SIGNER_URL.`;
    signers.push(createSigner(localKey(deployment.chainId, 1, missing)));
  }
  const addresses = new Set<string>();
  for (const { address } of signers) {
    if (addresses.has(address))
      throw new ConfigError(
        `The key of ${address} is configured twice; a signer has one lane. Name it once.`,
      );
    addresses.add(address);
  }
  return signers;
}

/**
 * Opens the key that anchors the ledger; on the local chain the mnemonic's last account, which the deployment gives the role.
 * @throws ConfigError when there is none, or it is one of `others`: anchors must take no nonce of a lane
 */
export function openAnchorSigner(
  { config, deployment }: Pick<SettlementContext, 'config' | 'deployment'>,
  others: readonly Signer[],
): Signer {
  const missing = `LEDGER_ANCHOR_SIGNER_KEY: is missing; chain ${deployment.chainId} needs the key of the account that the deployment gave LEDGER_ANCHORER to.`;
  const key = config.LEDGER_ANCHOR_SIGNER_KEY ?? localKey(deployment.chainId, 19, missing);
  const signer = createSigner(key as Hex);
  if (others.some(({ address }) => address === signer.address))
    throw new ConfigError(
      'LEDGER_ANCHOR_SIGNER_KEY: is a key of the lanes; anchors need an account of their own.',
    );
  return signer;
}

/** @throws ConfigError away from the local chain, with what is missing there. */
function localKey(chainId: number, addressIndex: number, missing: string): Hex {
  if (chainId !== hardhat.id) throw new ConfigError(missing);
  const mnemonic = 'test test test test test test test test test test test junk';
  const { privateKey } = mnemonicToAccount(mnemonic, { addressIndex }).getHdKey();
  return toHex(privateKey as Uint8Array);
}
