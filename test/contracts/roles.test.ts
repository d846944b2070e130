/** docs/security/roles.md against the deployed AccessManager, and against what each function answers to a stranger. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type BaseContract, type ParamType, ZeroAddress } from 'ethers';
import { network } from 'hardhat';
import { roles } from '../../scripts/deploy/ignition/access.ts';
import HandOver from '../../scripts/deploy/ignition/modules/HandOver.ts';
import type { AccessManager } from '../../typechain-types/index.ts';
import { deploymentParameters } from './support/deploymentParameters.ts';

const DAY = 86_400;
const delays: Record<string, number> = { none: 0, '1 day': DAY, '8 days': 8 * DAY };
const { ethers, ignition, networkHelpers } = await network.create();

describe('Roles as docs/security/roles.md has them', () => {
  const [roleTable = [], functionTable = []] = tablesOf(readFileSync('docs/security/roles.md', 'utf8'));
  const idOf = (role = '') => BigInt(roleTable.find(([name]) => name === role)?.[1] ?? -1);

  async function deployForOthers() {
    const signers = await ethers.getSigners();
    const { accounts, parameters } = deploymentParameters(signers, DAY);
    const deployed = await ignition.deploy(HandOver, { parameters });
    const { accessManager, ...others } = deployed as unknown as Record<string, BaseContract>;
    return {
      manager: accessManager as unknown as AccessManager,
      contracts: Object.entries(others).map(([key, contract]) => ({ name: contractName(key), contract })),
      accounts,
      deployer: signers[0]?.address ?? '',
      stranger: signers.at(-1)?.address ?? '',
    };
  }
  const deployment = () => networkHelpers.loadFixture(deployForOthers);

  it('has a line for each role', () => {
    const written = roleTable.map(([name, id]) => [name, BigInt(id ?? -1)]);
    expect(Object.fromEntries(written)).to.deep.equal(roles);
  });

  for (const [name = '', id = '', givenTo = '', delay = '', stoppable = ''] of roleTable)
    it(`gives ${name} to ${givenTo}, delay: ${delay}, and to nobody else`, async () => {
      const { manager, accounts, deployer } = await deployment();
      const granted = await manager.queryFilter(manager.filters.RoleGranted(BigInt(id)));
      const revoked = await manager.queryFilter(manager.filters.RoleRevoked(BigInt(id)));
      const gone = revoked.map(({ args }) => args.account);
      const members = granted.map(({ args }) => args.account).filter((account) => !gone.includes(account));
      const holder = accounts[givenTo];
      expect(members).to.deep.equal(givenTo === 'nobody' ? [] : [holder]);
      if (holder)
        expect(await manager.hasRole(id, holder)).to.deep.equal([true, BigInt(delays[delay] ?? Number.NaN)]);
      expect((await manager.hasRole(id, deployer)).isMember).to.equal(false);
      expect(await manager.getRoleAdmin(id)).to.equal(roles.ADMIN);
      expect(await manager.getRoleGuardian(id)).to.equal(stoppable === 'yes' ? roles.GUARDIAN : roles.ADMIN);
    });

  it('restricts just the functions that it lists', async () => {
    const { contracts, stranger } = await deployment();
    const found: string[] = [];
    for (const { name, contract } of contracts)
      for (const signature of changingFunctions(contract))
        if (await refuses(contract, signature, stranger)) found.push(`${name} ${signature}`);
    const listed = functionTable.map(([contract, signature]) => `${contract} ${signature}`);
    expect([...new Set(found)].sort()).to.deep.equal(listed.sort());
  });

  it('gives each function to the role that it lists', async () => {
    const { contracts, manager } = await deployment();
    for (const { name, contract } of contracts)
      for (const [owner, signature = '', role] of functionTable) {
        if (owner !== name) continue;
        const selector = ethers.id(signature).slice(0, 10);
        const given = await manager.getTargetFunctionRole(contract, selector);
        expect(given, `${owner} ${signature}`).to.equal(idOf(role));
        expect(await manager.isTargetClosed(contract)).to.equal(false);
        expect(await manager.getTargetAdminDelay(contract)).to.equal(0n);
      }
  });

  function changingFunctions(contract: BaseContract): string[] {
    const found: string[] = [];
    contract.interface.forEachFunction((fragment) => {
      // It answers to the manager alone, whatever the roles are.
      if (!fragment.constant && fragment.name !== 'setAuthority') found.push(fragment.format('sighash'));
    });
    return found;
  }

  /** True when the manager, and nothing else, refuses the call: arguments are zero throughout. */
  async function refuses(contract: BaseContract, signature: string, stranger: string): Promise<boolean> {
    const fragment = contract.interface.getFunction(signature);
    if (!fragment) throw new Error(`There is no ${signature}.`);
    const data = contract.interface.encodeFunctionData(fragment, fragment.inputs.map(zero));
    const answer = await ethers.provider
      .call({ to: await contract.getAddress(), from: stranger, data })
      .catch((error: { data?: string }) => error.data ?? '');
    return answer.startsWith(ethers.id('AccessManagedUnauthorized(address)').slice(0, 10));
  }
});

/** The contract behind a name of the deployment: usd, eur and cny are three of one kind. */
function contractName(key: string): string {
  return ['usd', 'eur', 'cny'].includes(key) ? 'Stablecoin' : `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

function zero({ baseType, components }: ParamType): unknown {
  if (baseType === 'array') return [];
  if (baseType === 'tuple') return (components ?? []).map(zero);
  if (baseType === 'address') return ZeroAddress;
  if (baseType === 'string') return '';
  if (baseType === 'bool') return false;
  return baseType.startsWith('bytes') ? `0x${'00'.repeat(Number(baseType.slice(5) || 0))}` : 0;
}

/** The cells of each table, without the header and the backquotes. */
function tablesOf(markdown: string): string[][][] {
  const cellsOf = (row: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''));
  return markdown
    .split(/\n(?!\|)/)
    .map((paragraph) => paragraph.split('\n').filter((line) => line.startsWith('|')))
    .filter((rows) => rows.length > 0)
    .map((rows) => rows.slice(2).map(cellsOf));
}
