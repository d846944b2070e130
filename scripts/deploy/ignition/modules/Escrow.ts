import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { grantAccess } from '../access.ts';
import Payments from './Payments.ts';

/** The escrow, funded by wallets and by the payment router. `unpause` is not listed, so it is ADMIN's. */
export default buildModule('Escrow', (m) => {
  const { accessManager, paymentRouter } = m.useModule(Payments);
  const escrow = m.contract('Escrow', [accessManager, paymentRouter]);
  grantAccess(m, accessManager, {
    newRoles: [],
    permissions: [{ target: escrow, functions: { GUARDIAN: ['pause()'] } }],
    members: [],
  });
  return { escrow };
});
