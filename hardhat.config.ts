import { createRequire } from 'node:module';
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatChaiMatchers from '@nomicfoundation/hardhat-ethers-chai-matchers';
import hardhatIgnition from '@nomicfoundation/hardhat-ignition-ethers';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers';
import hardhatTypechain from '@nomicfoundation/hardhat-typechain';
import { defineConfig } from 'hardhat/config';
import type { SolidityHooks } from 'hardhat/types/hooks';
import type { HardhatPlugin } from 'hardhat/types/plugins';

// The compiler comes from npm like everything else: nothing is downloaded at build time.
const soljson = createRequire(import.meta.url).resolve('solc/soljson.js');

// Artifacts come in the order in which the disk was read, and TypeChain writes its files in the order of artifacts. Sorted, they
// are the same on every machine. It must stand before TypeChain.
const artifactsInOrder: HardhatPlugin = {
  id: 'artifacts-in-order',
  hookHandlers: {
    solidity: async () => ({
      default: async (): Promise<Partial<SolidityHooks>> => ({
        async processArtifactsAfterSuccessfulBuild(_context, artifactPaths) {
          (artifactPaths as string[]).sort();
        },
      }),
    }),
  },
};

export default defineConfig({
  plugins: [
    hardhatEthers,
    hardhatChaiMatchers,
    hardhatIgnition,
    hardhatMocha,
    hardhatNetworkHelpers,
    artifactsInOrder,
    hardhatTypechain,
  ],
  solidity: {
    version: '0.8.37',
    path: soljson,
    settings: {
      evmVersion: 'prague',
      optimizer: { enabled: true, runs: 1_000_000 },
      // Not via IR: its function dispatch is linear, which costs a transfer 700 gas more than all that it saves.
      viaIR: false,
      // The hash of the metadata holds how a file was found, which differs between a whole build and a partial one. Without
      // it the same source is the same bytecode everywhere, and whoever builds it can compare it with the chain's.
      metadata: { bytecodeHash: 'none' },
    },
    npmFilesToBuild: ['@openzeppelin/contracts/access/manager/AccessManager.sol'],
  },
  paths: {
    sources: 'contracts',
    tests: { solidity: 'test/contracts', mocha: 'test/contracts' },
    ignition: 'scripts/deploy/ignition',
  },
  networks: {
    default: {
      type: 'edr-simulated',
      hardfork: 'prague',
      mining: { auto: true, mempool: { order: 'fifo' } },
    },
    // `npx hardhat node` and scripts/chain.ts.
    node: { type: 'edr-simulated', hardfork: 'prague', mining: { auto: true, mempool: { order: 'fifo' } } },
    // Any chain by its JSON-RPC address; the deploy script says which.
    remote: { type: 'http', url: 'http://127.0.0.1:8545' },
  },
  test: {
    solidity: {
      // What `npm test` has time for: about a minute. `npm run fuzz` goes deeper.
      fuzz: { runs: 2_000 },
      invariant: { runs: 32, depth: 60, failOnRevert: true },
    },
  },
  // TypeChain writes namespaces, which the type checker refuses here; they hold only types.
  typechain: { outDir: 'typechain-types', tsNocheck: true },
});
