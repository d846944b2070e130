import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Contract, JsonRpcProvider } from 'ethers';
import { type Chain, startChain } from '../../scripts/chain.ts';
import { type DeployOptions, deploy } from '../../scripts/deploy/deploy.ts';
import { roles } from '../../scripts/deploy/ignition/access.ts';
import type { Deployment } from '../../services/core/deployment.ts';
import { ConfigError } from '../../services/platform/config.ts';

/** The first account of the local chain. */
const DEPLOYER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const OTHER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const parameters: NonNullable<DeployOptions['parameters']> = {
  admin: OTHER,
  guardian: OTHER,
  compliance: OTHER,
  mintAdmin: OTHER,
  oracleAdmin: OTHER,
  underwriter: OTHER,
  scheduler: OTHER,
  ledgerAnchorer: OTHER,
  reporters: [1, 2, 3, 4].map((n) => `0x${String(n).padStart(40, '0')}`),
};

describe('scripts: deploying for others', () => {
  const outputFile = path.join(tmpdir(), `corridor-deployment-${process.pid}.json`);
  let chain: Chain;

  before(async () => {
    chain = await startChain({ port: 0 });
  });

  after(async () => {
    await chain?.stop();
    await rm(outputFile, { force: true });
  });

  const refusal = async (change: Partial<typeof parameters>) =>
    await deploy({ rpcUrl: chain.rpcUrl, outputFile, parameters: { ...parameters, ...change } }).then(
      () => 'deployed',
      (error: unknown) => (error instanceof ConfigError ? error.message : `no ConfigError: ${error}`),
    );

  it('is refused when nobody would be ADMIN at the end: the deployer gives it away', async () => {
    expect(await refusal({ admin: DEPLOYER })).to.match(/^The admin is the deployer/);
    expect(await refusal({ admin: DEPLOYER.toLowerCase() })).to.match(/^The admin is the deployer/);
  });

  it('is refused when a role would be the zero address’s, or the reporters are not 3f + 1', async () => {
    const zero = `0x${'0'.repeat(40)}`;
    for (const role of [
      'admin',
      'guardian',
      'compliance',
      'mintAdmin',
      'oracleAdmin',
      'underwriter',
      'scheduler',
      'ledgerAnchorer',
    ])
      expect(await refusal({ [role]: zero })).to.include(`${role}: must not be the zero address`);
    for (const count of [0, 1, 3, 5, 34])
      expect(await refusal({ reporters: Array(count).fill(OTHER) })).to.include('reporters: ');
  });

  it('is refused when the pool would not take the times of its withdrawals', async () => {
    for (const name of ['cooldownSeconds', 'claimWindowSeconds'])
      for (const seconds of [3_599, 365 * 86_400 + 1])
        expect(await refusal({ [name]: seconds })).to.include(`${name}: `);
  });

  it('is refused when a change of roles would be visible for less than an hour, or more than a month', async () => {
    for (const seconds of [3_599, 2_592_001])
      expect(await refusal({ executionDelaySeconds: seconds })).to.include('executionDelaySeconds: ');
  });

  it('is done with parameters that make sense', async () => {
    const deployment = await deploy({ rpcUrl: chain.rpcUrl, outputFile, parameters });
    expect(deployment.chainId).to.equal(31_337);
    expect(await poolOf(deployment)).to.deep.equal({
      cooldownSeconds: 7n * 86_400n,
      claimWindowSeconds: 2n * 86_400n,
      underwriterDelaySeconds: 8n * 86_400n,
      reporterSetDelaySeconds: 8n * 86_400n,
    });
  });

  it('is done with other times of withdrawals, and products and reporters wait a day longer than they do', async () => {
    const times = { cooldownSeconds: 3_600, claimWindowSeconds: 5 * 86_400 };
    const deployment = await deploy({
      rpcUrl: chain.rpcUrl,
      outputFile,
      parameters: { ...parameters, ...times },
    });
    expect(await poolOf(deployment)).to.deep.equal({
      cooldownSeconds: 3_600n,
      claimWindowSeconds: 5n * 86_400n,
      underwriterDelaySeconds: 86_400n + 3_600n,
      reporterSetDelaySeconds: 86_400n + 3_600n,
    });
  });

  /** What the pool and the manager say. */
  async function poolOf({ coverPool, oracleHub, accessManager }: Deployment) {
    const provider = new JsonRpcProvider(chain.rpcUrl);
    const ask = async (to: string, view: string, ...parameters: unknown[]) =>
      await new Contract(to, [`function ${view}`], provider).getFunction(view.split('(')[0] ?? '')(
        ...parameters,
      );
    try {
      const [, underwriterDelaySeconds] = await ask(
        accessManager,
        'hasRole(uint64, address) view returns (bool, uint32)',
        roles.UNDERWRITER,
        OTHER,
      );
      return {
        cooldownSeconds: await ask(coverPool, 'cooldownSeconds() view returns (uint256)'),
        claimWindowSeconds: await ask(coverPool, 'claimWindowSeconds() view returns (uint256)'),
        underwriterDelaySeconds,
        reporterSetDelaySeconds: await ask(oracleHub, 'reporterSetDelaySeconds() view returns (uint32)'),
      };
    } finally {
      provider.destroy();
    }
  }
});
