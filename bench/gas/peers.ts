/** Deploys the npm-installable peers that Corridor's gas is measured beside. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { type BaseContract, ContractFactory, type InterfaceAbi, type Signer } from 'ethers';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import type { SolidityHooks } from 'hardhat/types/hooks';
import type { HardhatPlugin } from 'hardhat/types/plugins';
import config from '../../hardhat.config.ts';

const root = path.resolve(import.meta.dirname, '../..');
const requestNetwork = '@requestnetwork/smart-contracts/types/factories/src/contracts';

// What the compiler says of the peers' code is for the peers; errors stay.
const peersWarningsUnheard: HardhatPlugin = {
  id: 'peers-warnings-unheard',
  hookHandlers: {
    solidity: async () => ({
      default: async (): Promise<Partial<SolidityHooks>> => ({
        async getCompilationJobErrors(context, job, output, next) {
          const found = await next(context, job, output);
          return found.filter(({ severity }) => severity === 'error');
        },
      }),
    }),
  },
};

/**
 * Compiles `bench/gas/contracts` with Corridor's own compiler settings (into the cache, out of the way of contract
 * developers) and deploys them; Request Network's contracts come compiled from their package.
 */
export async function deployPeers(owner: Signer) {
  const { npmFilesToBuild: _, ...solidity } = config.solidity as { npmFilesToBuild: string[] };
  const hre = await createHardhatRuntimeEnvironment(
    {
      plugins: [peersWarningsUnheard],
      solidity: solidity as NonNullable<typeof config.solidity>,
      paths: {
        sources: 'bench/gas/contracts',
        tests: { solidity: 'bench/gas/contracts' },
        cache: 'cache/gas',
        artifacts: 'cache/gas/artifacts',
      },
    },
    {},
    root,
  );
  await hre.tasks.getTask('build').run({ quiet: true });
  const compiled = async (name: string) => {
    const { abi, bytecode } = await hre.artifacts.readArtifact(name);
    return await deploy(owner, abi as unknown as InterfaceAbi, bytecode);
  };

  const ownerAddress = await owner.getAddress();
  const feeProxy = await packaged(owner, 'ERC20FeeProxy');
  const nativeProxy = await packaged(owner, 'EthereumFeeProxy');
  const batch = await packaged(owner, 'BatchPayments', feeProxy, nativeProxy, ownerAddress);
  return {
    openZeppelin: await compiled('OpenZeppelinToken'),
    openZeppelinVault: await compiled('OpenZeppelinVault'),
    solady: await compiled('SoladyToken'),
    requestNetwork: batch,
    requestNetworkEscrow: await packaged(owner, 'ERC20EscrowToPay', feeProxy, ownerAddress),
  };
}

async function packaged(owner: Signer, name: string, ...parameters: unknown[]): Promise<BaseContract> {
  const load = createRequire(import.meta.url);
  const factory = load(`${requestNetwork}/${name}__factory.js`)[`${name}__factory`];
  return await deploy(owner, factory.abi, factory.bytecode, ...parameters);
}

async function deploy(
  owner: Signer,
  abi: InterfaceAbi,
  bytecode: string,
  ...parameters: unknown[]
): Promise<BaseContract> {
  const contract = await new ContractFactory(abi, bytecode, owner).deploy(...parameters);
  return await contract.waitForDeployment();
}
