import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { roles } from '../access.ts';
import Corridor from './Corridor.ts';
import Escrow from './Escrow.ts';
import Insurance from './Insurance.ts';
import Ledger from './Ledger.ts';
import Oracle from './Oracle.ts';
import Payments from './Payments.ts';

/**
 * All of Corridor, and then gives ADMIN to `admin` (a multisignature account), behind the execution delay, and takes it from the deployer.
 * From then on every change of roles is visible for that long before it happens.
 */
export default buildModule('HandOver', (m) => {
  const contracts = m.useModule(Corridor);
  const { accessManager } = contracts;
  // Not before everything else is done, because the deployer's ADMIN then ends. (After Corridor is after nothing: it calls
  // nothing itself.)
  const grant = m.call(
    accessManager,
    'grantRole',
    [roles.ADMIN, m.getParameter('admin'), m.getParameter('executionDelaySeconds', 86_400)],
    { after: [Payments, Escrow, Oracle, Insurance, Ledger] },
  );
  m.call(accessManager, 'renounceRole', [roles.ADMIN, m.getAccount(0)], { after: [grant] });
  return contracts;
});
