import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { grantAccess } from '../access.ts';

/**
 * BRIDGE is given to nobody: a bridge gets it when there is one. `unpause` is not listed, so it is ADMIN's. So is the minting, until
 * the Oracle module has set the guard and gives it to MINT_ADMIN.
 */
const stablecoinFunctions = {
  GUARDIAN: ['pause()'],
  COMPLIANCE: ['freeze(address)', 'unfreeze(address)'],
  BRIDGE: ['crosschainMint(address,uint256)', 'crosschainBurn(address,uint256)'],
} as const;

/**
 * One AccessManager, three stablecoins, the payment router, and the roles.
 *
 * Parameters: the accounts `guardian` and `compliance` (default: the deployer). Stopping and freezing are never delayed. The
 * deployer stays ADMIN until `HandOver`.
 */
export default buildModule('Payments', (m) => {
  const deployer = m.getAccount(0);

  const accessManager = m.contract('AccessManager', [deployer]);
  const usd = m.contract('Stablecoin', ['Corridor USD', 'cUSD', accessManager], { id: 'cUSD' });
  const eur = m.contract('Stablecoin', ['Corridor EUR', 'cEUR', accessManager], { id: 'cEUR' });
  const cny = m.contract('Stablecoin', ['Corridor CNH', 'cCNH', accessManager], { id: 'cCNH' });
  const paymentRouter = m.contract('PaymentRouter', [accessManager]);

  grantAccess(m, accessManager, {
    newRoles: ['GUARDIAN', 'COMPLIANCE', 'BRIDGE'],
    permissions: [
      ...[usd, eur, cny].map((target) => ({ target, functions: stablecoinFunctions })),
      { target: paymentRouter, functions: { GUARDIAN: ['pause()'] } },
    ],
    members: [
      { role: 'GUARDIAN', account: m.getParameter('guardian', deployer), delay: 0 },
      { role: 'COMPLIANCE', account: m.getParameter('compliance', deployer), delay: 0 },
    ],
  });

  return { accessManager, usd, eur, cny, paymentRouter };
});
