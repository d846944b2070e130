/** How a module says who may do what in the AccessManager: docs/security/roles.md in code. */
import type { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { id } from 'ethers';

/** ADMIN is OpenZeppelin's 0; it also has whatever no other role has. */
export const roles = {
  ADMIN: 0n,
  GUARDIAN: 1n,
  COMPLIANCE: 2n,
  MINT_ADMIN: 3n,
  BRIDGE: 4n,
  ORACLE_ADMIN: 5n,
  UNDERWRITER: 6n,
  SCHEDULER: 7n,
  LEDGER_ANCHORER: 8n,
} as const;

export type Role = keyof typeof roles;
type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Contract = Parameters<Builder['call']>[0];

export interface Access {
  /** Roles that this module brings into being. Each gets its label, and GUARDIAN to stop what it schedules. */
  newRoles: Role[];
  /** Which role may call which functions of a contract, by signature. */
  permissions: { target: Contract; functions: Partial<Record<Role, readonly string[]>> }[];
  /** Who has a role, and for how many seconds each of its calls is visible before it can be executed. */
  members: {
    role: Role;
    account: unknown;
    delay: unknown;
  }[];
}

/** One transaction, so that there is no moment with half of a module's roles. What is not permitted yet is ADMIN's. */
export function grantAccess(
  m: Builder,
  accessManager: Contract,
  { newRoles, permissions, members }: Access,
  after: ReturnType<Builder['call']>[] = [],
) {
  const encode = (name: string, args: unknown[], callId: string) =>
    m.encodeFunctionCall(accessManager, name, args as never[], { id: callId });
  return m.call(
    accessManager,
    'multicall',
    [
      [
        ...newRoles.flatMap((role) => [
          encode('labelRole', [roles[role], role], `label_${role}`),
          encode('setRoleGuardian', [roles[role], roles.GUARDIAN], `guard_${role}`),
        ]),
        ...permissions.flatMap(({ target, functions }) =>
          Object.entries(functions).map(([role, signatures]) =>
            encode(
              'setTargetFunctionRole',
              [target, signatures.map((signature) => id(signature).slice(0, 10)), roles[role as Role]],
              `permit_${target.id.split('#')[1]}_${role}`,
            ),
          ),
        ),
        ...members.map(({ role, account, delay }) =>
          encode('grantRole', [roles[role], account, delay], `grant_${role}`),
        ),
      ],
    ],
    { id: 'grantAccess', after },
  );
}
