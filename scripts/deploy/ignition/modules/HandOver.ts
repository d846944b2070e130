import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import Payments, { roles } from './Payments.ts';

/**
 * Payments, and then gives ADMIN to `admin` (a multisignature account), behind the execution delay, and takes it from the deployer.
 * From then on every change of roles is visible for that long before it happens.
 */
export default buildModule('HandOver', (m) => {
  const contracts = m.useModule(Payments);
  const { accessManager } = contracts;
  const grant = m.call(accessManager, 'grantRole', [
    roles.ADMIN,
    m.getParameter('admin'),
    m.getParameter('executionDelaySeconds', 86_400),
  ]);
  m.call(accessManager, 'renounceRole', [roles.ADMIN, m.getAccount(0)], { after: [grant] });
  return contracts;
});
