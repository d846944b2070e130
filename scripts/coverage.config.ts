/** Hardhat for `npm run coverage`: instrumented contracts stay out of the way of the real ones, and fewer fuzz runs do. */
import { defineConfig } from 'hardhat/config';
import config from '../hardhat.config.ts';

export default defineConfig({
  ...config,
  paths: { ...config.paths, cache: 'cache/coverage', artifacts: 'cache/coverage/artifacts' },
  test: { solidity: { fuzz: { runs: 256 }, invariant: { runs: 10, depth: 100, failOnRevert: true } } },
});
