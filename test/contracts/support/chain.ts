import { network } from 'hardhat';
import type { AccessManager, Stablecoin } from '../../../typechain-types/index.ts';

/** A chain of its own for one test file; its first accounts have these names. */
export async function openNamedChain<Name extends string>(names: readonly Name[]) {
  const { ethers, ignition, networkHelpers } = await network.create();
  const signers = await ethers.getSigners();
  const accounts = Object.fromEntries(
    names.map((name, index) => {
      const signer = signers[index];
      if (!signer) throw new Error(`The in-process chain has no account ${index} for ${name}.`);
      return [name, signer];
    }),
  ) as Record<Name, (typeof signers)[number]>;

  /** Deploys a contract by its name; `Contract` is what TypeChain made of it. */
  async function deploy<Contract>(name: string, args: unknown[] = []) {
    return (await ethers.deployContract(name, args)) as unknown as Contract;
  }

  return {
    ethers,
    ignition,
    networkHelpers,
    accounts,
    deploy,
    /** The deployer, the first account, is its admin. */
    deployManager: () => deploy<AccessManager>('AccessManager', [signers[0]]),
    deployCoin: (manager: AccessManager) =>
      deploy<Stablecoin>('Stablecoin', ['Corridor USD', 'cUSD', manager]),
    /** The last block's time, Unix seconds. */
    now: async () => BigInt(await networkHelpers.time.latest()),
    /** Sets the next block's time, Unix seconds. */
    at: async (timestamp: bigint) => await networkHelpers.time.setNextBlockTimestamp(timestamp),
  };
}
