/**
 * Deploys Corridor to a chain and writes where everything is.
 *
 *   node scripts/deploy/deploy.ts --rpc-url http://127.0.0.1:8545
 *   node scripts/deploy/deploy.ts --rpc-url https://... --parameters parameters.json
 *
 * Away from the local chain the deployer is the Hardhat configuration variable DEPLOYER_PRIVATE_KEY (environment or
 * `npx hardhat keystore set`), and the parameters file names who gets which role:
 * { "admin", "guardian", "compliance", "mintAdmin", "oracleAdmin", "underwriter", "scheduler", "ledgerAnchorer": "0x...",
 *   "reporters": ["0x...", 3f + 1 of them], "executionDelaySeconds": 86400,
 *   "cooldownSeconds": 604800, "claimWindowSeconds": 172800 }; the last three can be left out.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ZeroAddress } from 'ethers';
import hre from 'hardhat';
import { configVariable } from 'hardhat/config';
import { z } from 'zod';
import { type Deployment, deploymentSchema } from '../../services/core/deployment.ts';
import { parseEvmAddress } from '../../services/core/evmAddress.ts';
import { ConfigError } from '../../services/platform/config.ts';
import { readOptions, runCommandLine } from '../cli.ts';
import Corridor from './ignition/modules/Corridor.ts';
import HandOver from './ignition/modules/HandOver.ts';
import { CLAIM_WINDOW_SECONDS, COOLDOWN_SECONDS } from './ignition/modules/Insurance.ts';
import { localReporters } from './localReporters.ts';

const LOCAL_CHAIN_ID = 31_337;

const anAddress = 'must be an address, 0x and 40 hex digits';
const account = z
  .string(anAddress)
  .refine((text) => parseEvmAddress(text), anAddress)
  .refine(
    (text) => parseEvmAddress(text) !== ZeroAddress,
    'must not be the zero address: nobody would have the role',
  );
/** As the pool bounds its cooldown and its claim window: 1 hour to 365 days. */
const poolDuration = z
  .number()
  .int()
  .min(3_600)
  .max(365 * 86_400);
const parametersSchema = z.strictObject({
  admin: account,
  guardian: account,
  compliance: account,
  mintAdmin: account,
  oracleAdmin: account,
  underwriter: account,
  scheduler: account,
  ledgerAnchorer: account,
  reporters: z.array(account).refine(({ length }) => length >= 4 && length <= 31 && length % 3 === 1, {
    message: 'must be 4, 7, 10, ... 31 addresses (3f + 1, of whom f may fail)',
  }),
  executionDelaySeconds: z.number().int().min(3_600).max(2_592_000).default(86_400),
  cooldownSeconds: poolDuration.default(COOLDOWN_SECONDS),
  claimWindowSeconds: poolDuration.default(CLAIM_WINDOW_SECONDS),
});

export interface DeployOptions {
  /** HTTP JSON-RPC address of the chain's node. */
  rpcUrl: string;
  /** Where to write the deployment; by default `services/core/deployments/<chainId>.json`. */
  outputFile?: string;
  /** Who gets which role. Only the local chain can do without: there the deployer has all, with no delay. */
  parameters?: z.input<typeof parametersSchema>;
}

/**
 * Deploys every contract with its roles. On a local chain every call deploys afresh; elsewhere
 * Ignition's journal lets a deployment that was interrupted go on where it stopped.
 * @returns What was also written to `outputFile`.
 * @throws ConfigError when no node answers, or the parameters are missing or wrong; what Ignition throws when a transaction fails.
 */
export async function deploy({ rpcUrl, outputFile, parameters }: DeployOptions): Promise<Deployment> {
  const handOver = parameters && parseParameters(parameters);
  const { ethers, ignition, isLocal, chainId, close } = await connect(rpcUrl);
  if (!isLocal && !handOver) {
    await close();
    throw new ConfigError(
      `Chain ${chainId} is not the local one: say who gets which role, --parameters parameters.json.`,
    );
  }
  const signers = await ethers.getSigners();
  const [deployer] = signers;
  if (handOver && deployer && parseEvmAddress(handOver.admin) === parseEvmAddress(deployer.address)) {
    await close();
    throw new ConfigError(
      'The admin is the deployer, who gives ADMIN away at the end: nobody would have it. Name another account as admin.',
    );
  }
  await hre.tasks.getTask('build').run({ quiet: true });
  const {
    admin,
    mintAdmin,
    oracleAdmin,
    underwriter,
    scheduler,
    ledgerAnchorer,
    reporters,
    executionDelaySeconds = 0,
    cooldownSeconds = COOLDOWN_SECONDS,
    claimWindowSeconds = CLAIM_WINDOW_SECONDS,
    ...members
  } = handOver ?? {};
  // Who sees a product or reporters coming that it does not trust can have left the pool before they count.
  const exitDelaySeconds = isLocal && !handOver ? 0 : executionDelaySeconds + cooldownSeconds;
  // The local chain begins again and again, so a journal of it would only be in the way.
  const deploymentId = isLocal ? `local-${crypto.randomUUID()}` : `chain-${chainId}`;
  const startBlock = (await ethers.provider.getBlockNumber()) + 1;

  try {
    const options = {
      deploymentId,
      parameters: {
        Payments: members,
        Oracle: {
          ...(mintAdmin && { mintAdmin }),
          ...(oracleAdmin && { oracleAdmin }),
          reporters: reporters ?? localReporters.map(({ address }) => address),
          reporterSetDelaySeconds: exitDelaySeconds,
          executionDelaySeconds,
        },
        Insurance: {
          ...(underwriter && { underwriter }),
          ...(scheduler && { scheduler }),
          cooldownSeconds,
          claimWindowSeconds,
          underwriterDelaySeconds: exitDelaySeconds,
        },
        // On the local chain the last account, as the settlement service takes it to be.
        Ledger: { ledgerAnchorer: ledgerAnchorer ?? signers.at(-1)?.address ?? '' },
        HandOver: { ...(admin && { admin }), executionDelaySeconds },
      },
      ...(isLocal && { config: { requiredConfirmations: 1, blockPollingInterval: 20 } }),
    };
    const contracts = await ignition.deploy(handOver ? HandOver : Corridor, options);
    const addresses = await Promise.all(
      Object.entries(contracts).map(async ([name, contract]) => [name, await contract.getAddress()]),
    );
    const { usd, eur, cny, ...others } = Object.fromEntries(addresses);
    const deployment = deploymentSchema.parse({
      chainId,
      startBlock,
      ...others,
      stablecoins: {
        USD: { symbol: 'cUSD', address: usd, decimals: 6 },
        EUR: { symbol: 'cEUR', address: eur, decimals: 6 },
        CNY: { symbol: 'cCNH', address: cny, decimals: 6 },
      },
    });
    await write(deployment, outputFile);
    return deployment;
  } finally {
    if (isLocal) {
      const journal = path.join(hre.config.paths.ignition, 'deployments', deploymentId);
      await rm(journal, { recursive: true, force: true });
    }
    await close();
  }
}

function parseParameters(parameters: unknown): z.output<typeof parametersSchema> {
  const { success, data, error } = parametersSchema.safeParse(parameters);
  if (success) return data;
  const wrong = error.issues.map(({ path, message }) => [...path, message].join(': '));
  throw new ConfigError(`The parameters are wrong. ${wrong.join('; ')}. See scripts/deploy/deploy.ts.`);
}

async function connect(rpcUrl: string) {
  const { connection, chainId } = await reach(rpcUrl).catch((cause: Error) => {
    throw new ConfigError(`No node answers at ${rpcUrl}. Start it, or correct --rpc-url.`, { cause });
  });
  if (chainId === LOCAL_CHAIN_ID) {
    const close = () => connection.close();
    return { ethers: connection.ethers, ignition: connection.ignition, isLocal: true, chainId, close };
  }
  await connection.close();
  const override = { url: rpcUrl, accounts: [configVariable('DEPLOYER_PRIVATE_KEY')] };
  const signing = await hre.network.create({ network: 'remote', override });
  await signing.provider.request({ method: 'eth_accounts' }).catch(async (cause: Error) => {
    await signing.close();
    const [reason] = cause.message.split('\n');
    throw new ConfigError(
      `The deployer's key cannot be used: ${reason} Set DEPLOYER_PRIVATE_KEY, or npx hardhat keystore set it.`,
      { cause },
    );
  });
  const close = () => signing.close();
  return { ethers: signing.ethers, ignition: signing.ignition, isLocal: false, chainId, close };
}

async function reach(rpcUrl: string) {
  const connection = await hre.network.create({ network: 'remote', override: { url: rpcUrl } });
  return { connection, chainId: Number(await connection.provider.request({ method: 'eth_chainId' })) };
}

async function write(deployment: Deployment, outputFile?: string): Promise<void> {
  const file =
    outputFile ??
    path.resolve(import.meta.dirname, `../../services/core/deployments/${deployment.chainId}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(deployment, null, 2)}\n`);
}

async function readParameters(file: string): Promise<z.input<typeof parametersSchema>> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(
      `The parameters file ${file} cannot be read: ${(cause as Error).message}. Correct --parameters.`,
      { cause },
    );
  }
}

if (import.meta.main)
  await runCommandLine(async () => {
    const values = readOptions(
      'npm run deploy -- --rpc-url http://127.0.0.1:8545 [--parameters parameters.json] [--output file.json]',
      { 'rpc-url': { type: 'string' }, parameters: { type: 'string' }, output: { type: 'string' } },
    );
    const rpcUrl = values['rpc-url'];
    if (!rpcUrl) throw new ConfigError('Say where to deploy: --rpc-url http://127.0.0.1:8545');
    const deployment = await deploy({
      rpcUrl,
      ...(values.output && { outputFile: values.output }),
      ...(values.parameters && { parameters: await readParameters(values.parameters) }),
    });
    console.log(JSON.stringify(deployment, null, 2));
  });
