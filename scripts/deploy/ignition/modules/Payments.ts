import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { id } from 'ethers';

/** Who may do what, in the AccessManager. ADMIN is OpenZeppelin's 0; it also has whatever no other role has. */
export const roles = { ADMIN: 0n, GUARDIAN: 1n, COMPLIANCE: 2n, MINT_ADMIN: 3n, BRIDGE: 4n } as const;

/** BRIDGE is given to nobody: a bridge gets it when there is one. `unpause` is not listed, so it is ADMIN's. */
const stablecoinRoles = {
  GUARDIAN: ['pause()'],
  COMPLIANCE: ['freeze(address)', 'unfreeze(address)'],
  MINT_ADMIN: ['configureMinter(address,uint96,uint24)', 'setMintGuard(address)'],
  BRIDGE: ['crosschainMint(address,uint256)', 'crosschainBurn(address,uint256)'],
} as const;
const routerRoles = { GUARDIAN: ['pause()'] } as const;

/**
 * One AccessManager, three stablecoins, the payment router, and the roles.
 *
 * Parameters: the accounts `guardian`, `compliance`, `mintAdmin` (default: the deployer) and
 * `executionDelaySeconds`, how long a risky change (MINT_ADMIN, ADMIN) is visible before it can be executed. Stopping
 * and freezing are never delayed. The deployer stays ADMIN until `HandOver`.
 */
export default buildModule('Payments', (m) => {
  const deployer = m.getAccount(0);
  const executionDelaySeconds = m.getParameter('executionDelaySeconds', 86_400);

  const accessManager = m.contract('AccessManager', [deployer]);
  const usd = m.contract('Stablecoin', ['Corridor USD', 'cUSD', accessManager], { id: 'cUSD' });
  const eur = m.contract('Stablecoin', ['Corridor EUR', 'cEUR', accessManager], { id: 'cEUR' });
  const cny = m.contract('Stablecoin', ['Corridor CNH', 'cCNH', accessManager], { id: 'cCNH' });
  const paymentRouter = m.contract('PaymentRouter', [accessManager]);

  const permissions = [
    ...[usd, eur, cny].flatMap((coin) =>
      Object.entries(stablecoinRoles).map(([role, functions]) => ({ target: coin, role, functions })),
    ),
    ...Object.entries(routerRoles).map(([role, functions]) => ({ target: paymentRouter, role, functions })),
  ];
  const members = [
    { role: roles.GUARDIAN, account: m.getParameter('guardian', deployer), delay: 0 },
    { role: roles.COMPLIANCE, account: m.getParameter('compliance', deployer), delay: 0 },
    { role: roles.MINT_ADMIN, account: m.getParameter('mintAdmin', deployer), delay: executionDelaySeconds },
  ];

  // One transaction, so that there is no moment with half of the roles.
  const encode = (name: string, args: unknown[], callId: string) =>
    m.encodeFunctionCall(accessManager, name, args as never[], { id: callId });
  m.call(accessManager, 'multicall', [
    [
      ...Object.entries(roles)
        .filter(([, role]) => role !== roles.ADMIN)
        .flatMap(([name, role]) => [
          encode('labelRole', [role, name], `label_${name}`),
          // A guardian can stop a change that was scheduled and should not have been.
          encode('setRoleGuardian', [role, roles.GUARDIAN], `guard_${name}`),
        ]),
      ...permissions.map(({ target, role, functions }) =>
        encode(
          'setTargetFunctionRole',
          [
            target,
            functions.map((signature) => id(signature).slice(0, 10)),
            roles[role as keyof typeof roles],
          ],
          `permit_${target.id.split('#')[1]}_${role}`,
        ),
      ),
      ...members.map(({ role, account, delay }) =>
        encode('grantRole', [role, account, delay], `grant_${role}`),
      ),
    ],
  ]);

  return { accessManager, usd, eur, cny, paymentRouter };
});
