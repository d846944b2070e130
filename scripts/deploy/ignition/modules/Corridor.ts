import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import Escrow from './Escrow.ts';
import Insurance from './Insurance.ts';
import Ledger from './Ledger.ts';
import Oracle from './Oracle.ts';
import Payments from './Payments.ts';

/** Every contract and every role; docs/security/roles.md says who may do what. */
export default buildModule('Corridor', (m) => ({
  ...m.useModule(Payments),
  ...m.useModule(Escrow),
  ...m.useModule(Oracle),
  ...m.useModule(Insurance),
  ...m.useModule(Ledger),
}));
