import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { encryptKeystoreJsonSync } from 'ethers';
import { oracleConfig } from '../../../services/oracle/config.ts';
import { openReporterSigner } from '../../../services/oracle/reporterSigner.ts';
import { ConfigError, loadConfig } from '../../../services/platform/config.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { type RemoteSigner, startRemoteSigner } from '../../support/remoteSigner.ts';
import { until } from '../../support/until.ts';
import {
  beginRound,
  eurUsd,
  lastRound,
  metric,
  rates,
  reporterAddress,
  reporterKey,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';

describe('oracle: where the key of a reporter is', () => {
  let chain: TestChain;
  let remote: RemoteSigner;
  let folder: string;
  let inFile: { ORACLE_KEYSTORE: string; ORACLE_KEYSTORE_PASSWORD_FILE: string };
  let onRemote: { ORACLE_REMOTE_SIGNER_URL: string; ORACLE_REMOTE_PUBLIC_KEY: string };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-reporter-'));
    inFile = {
      ORACLE_KEYSTORE: path.join(folder, 'key.json'),
      ORACLE_KEYSTORE_PASSWORD_FILE: path.join(folder, 'password'),
    };
    const account = { address: reporterAddress(1), privateKey: reporterKey(1) };
    await writeFile(
      inFile.ORACLE_KEYSTORE,
      encryptKeystoreJsonSync(account, 'secret', { scrypt: { N: 4_096, r: 8, p: 1 } }),
    );
    await writeFile(inFile.ORACLE_KEYSTORE_PASSWORD_FILE, 'secret\n');
    remote = await startRemoteSigner(reporterKey(2));
    onRemote = { ORACLE_REMOTE_SIGNER_URL: remote.url, ORACLE_REMOTE_PUBLIC_KEY: remote.publicKey };
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(async () => {
    await chain?.stop();
    await remote?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (variables: Record<string, string>) => {
    const environment = { RPC_URL: 'http://127.0.0.1:1', ORACLE_FEEDS_FILE: 'feeds.json', ...variables };
    return openReporterSigner(loadConfig(oracleConfig, environment)).address;
  };

  it('is in the environment, in a file, or on a remote signer', () => {
    expect(open({ ORACLE_REPORTER_KEY: reporterKey(0) })).to.equal(reporterAddress(0));
    expect(open(inFile)).to.equal(reporterAddress(1));
    expect(open(onRemote)).to.equal(reporterAddress(2));
  });

  it('is in one place, and what that place needs is there', () => {
    const { ORACLE_KEYSTORE } = inFile;
    const { ORACLE_REMOTE_SIGNER_URL } = onRemote;
    for (const [variables, message] of [
      [{}, /ORACLE_REPORTER_KEY: is missing/],
      [{ ...inFile, ...onRemote }, /ORACLE_REPORTER_KEY: is not the only key/],
      [{ ORACLE_KEYSTORE }, /ORACLE_KEYSTORE_PASSWORD_FILE: is missing; ORACLE_KEYSTORE needs it/],
      [{ ORACLE_REMOTE_SIGNER_URL }, /ORACLE_REMOTE_PUBLIC_KEY: is missing/],
      [{ ORACLE_REPORTER_KEY: '0x12' }, /ORACLE_REPORTER_KEY: must be a private key/],
    ] as const)
      expect(() => open(variables), String(message)).to.throw(ConfigError, message);
  });

  it('signs values and reports from each place; while a remote signer is silent the others say so, and go on when it is back', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0837') }));
    // Three of four: each of them is needed.
    const keys = [undefined, inFile, onRemote];
    const network = parts.use(
      await startNetwork(
        chain,
        () => ({ feeds: [eurUsd(`${source.url}/`)] }),
        [0, 1, 2],
        (index) => keys[index],
      ),
    );
    await untilHolds('a report', chain, network, async () => (await lastRound(chain, FEED)) > 0);

    remote.fault = 'error';
    const unsigned = () =>
      metric(network.origins[2] as string, 'oracle_rows_total', {
        reporter: reporterAddress(2),
        outcome: 'signer_unavailable',
      });
    await untilHolds('a row that was not signed', chain, network, async () => (await unsigned()) > 0);
    const before = await unsigned();
    const round = await beginRound(chain, network);
    await until('the round to be tried without the key', async () => (await unsigned()) > before);
    expect(await lastRound(chain, FEED)).to.be.below(round);

    remote.fault = 'none';
    await untilHolds('a report', chain, network, async () => (await lastRound(chain, FEED)) > round);
  });
});
