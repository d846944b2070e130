/**
 * Opens the cover on a local chain: its products, capital in the pool, and the settlement operator as who opens risks and buys for
 * the treasury. `local.ts` must have put people and money there.
 */
import { readFileSync } from 'node:fs';
import hre from 'hardhat';
import type { Deployment } from '../../services/core/deployment.ts';
import { productsSchema, termsOf } from '../../services/core/insurance/product.ts';
import type { AccessManager, CoverPool, ParametricCover, Stablecoin } from '../../typechain-types/index.ts';
import { roles } from './ignition/access.ts';
import { localAccounts } from './localAccounts.ts';
import { localProductsFile } from './localProducts.ts';

const COIN = 1_000_000n;
const capital = 1_000_000n * COIN;
const premiumLimit = { limit: 100_000n * COIN, windowSeconds: 86_400 };

/** Call it once, while the chain mines each transaction at once. */
export async function seedLocalInsurance(options: { rpcUrl: string; deployment: Deployment }): Promise<void> {
  const { deployment } = options;
  const connection = await hre.network.create({ network: 'remote', override: { url: options.rpcUrl } });
  try {
    const { ethers } = connection;
    const signers = await ethers.getSigners();
    const signer = (index: number) => {
      const found = signers[index];
      if (!found) throw new Error(`The node has no account ${index}.`);
      return found;
    };
    const [admin, operator, treasury] = [
      signer(localAccounts.admin),
      signer(localAccounts.operator),
      signer(localAccounts.treasury),
    ];
    const underwriter = signer(localAccounts.underwriter);
    const at = async <Contract>(name: string, address: string, by: typeof admin) =>
      (await ethers.getContractAt(name, address, by)) as unknown as Contract;
    const coin = await at<Stablecoin>('Stablecoin', deployment.stablecoins.USD.address, treasury);
    const pool = await at<CoverPool>('CoverPool', deployment.coverPool, underwriter);
    const cover = await at<ParametricCover>('ParametricCover', deployment.parametricCover, admin);
    const manager = await at<AccessManager>('AccessManager', deployment.accessManager, admin);

    const { products } = productsSchema.parse(JSON.parse(readFileSync(localProductsFile, 'utf8')));
    for (const product of products) await cover.createProduct(termsOf(product), product.tiers);
    await manager.grantRole(roles.SCHEDULER, operator, 0);

    await coin.connect(signer(localAccounts.minter)).mint(underwriter, capital);
    await coin.connect(underwriter).approve(pool, capital);
    await pool['deposit(uint256,address)'](capital, underwriter);

    await coin.approve(pool, ethers.MaxUint256);
    const { limit, windowSeconds } = premiumLimit;
    await cover.connect(treasury).authorizeOperator(operator, limit, windowSeconds);
  } finally {
    await connection.close();
  }
}
