/** Parameters of a deployment whose roles all belong to others than the deployer. */
const accountNames = [
  'admin',
  'guardian',
  'compliance',
  'mintAdmin',
  'oracleAdmin',
  'underwriter',
  'scheduler',
  'ledgerAnchorer',
] as const;
const REPORTERS = 4;

export interface DeploymentAccounts extends Record<string, string> {
  admin: string;
  guardian: string;
  compliance: string;
  mintAdmin: string;
  oracleAdmin: string;
  underwriter: string;
  scheduler: string;
  ledgerAnchorer: string;
}

/** @param signers of the chain: the first deploys, the next have a role each, and then come the reporters. */
export function deploymentParameters(signers: readonly { address: string }[], executionDelaySeconds: number) {
  const others = signers.slice(1).map(({ address }) => address);
  const accounts = Object.fromEntries(
    accountNames.map((name, index) => [name, others[index] ?? '']),
  ) as DeploymentAccounts;
  const { admin, mintAdmin, oracleAdmin, underwriter, scheduler, ledgerAnchorer, ...members } = accounts;
  const reporters = others.slice(accountNames.length, accountNames.length + REPORTERS);
  return {
    accounts,
    parameters: {
      Payments: members,
      Oracle: { mintAdmin, oracleAdmin, reporters, executionDelaySeconds },
      Insurance: { underwriter, scheduler },
      Ledger: { ledgerAnchorer },
      HandOver: { admin, executionDelaySeconds },
    },
  };
}
