/**
 * Hardhat for `npm run mutate`: a build of its own, so that nobody changes it meanwhile. A mutant may be larger than the limit of
 * contracts: that kills none, because it would say nothing of the tests. One that never ends is given up after less gas.
 */
import { defineConfig } from 'hardhat/config';
import config from '../hardhat.config.ts';

export default defineConfig({
  ...config,
  paths: { ...config.paths, cache: 'cache/mutation', artifacts: 'cache/mutation/artifacts' },
  networks: {
    default: {
      type: 'edr-simulated',
      hardfork: 'prague',
      mining: { auto: true, mempool: { order: 'fifo' } },
      allowUnlimitedContractSize: true,
      blockGasLimit: 20_000_000,
    },
  },
});
