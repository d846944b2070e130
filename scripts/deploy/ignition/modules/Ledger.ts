import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { grantAccess } from '../access.ts';
import Payments from './Payments.ts';

/**
 * Where the settlement service anchors the head of its ledger.
 *
 * Parameter: the account `ledgerAnchorer` (default: the deployer). It moves no money and is never delayed.
 */
export default buildModule('Ledger', (m) => {
  const { accessManager } = m.useModule(Payments);
  const ledgerAnchor = m.contract('LedgerAnchor', [accessManager]);
  grantAccess(m, accessManager, {
    newRoles: ['LEDGER_ANCHORER'],
    permissions: [
      { target: ledgerAnchor, functions: { LEDGER_ANCHORER: ['anchor(bytes32,uint64,bytes32)'] } },
    ],
    members: [
      { role: 'LEDGER_ANCHORER', account: m.getParameter('ledgerAnchorer', m.getAccount(0)), delay: 0 },
    ],
  });
  return { ledgerAnchor };
});
