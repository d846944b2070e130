import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { grantAccess } from '../access.ts';
import Oracle from './Oracle.ts';
import Payments from './Payments.ts';

/** Of withdrawals from the pool, where the parameters say nothing else. */
export const COOLDOWN_SECONDS = 7 * 86_400;
export const CLAIM_WINDOW_SECONDS = 2 * 86_400;

const createProduct =
  'createProduct((bytes32,bytes32,uint8,uint32,uint32,uint32,uint32,uint32,uint24,uint24,uint24,uint96,uint96),(int48,uint16)[])';

/**
 * Parametric cover in cUSD: the pool of underwriting capital, bound for ever to the cover contract that locks and pays it.
 *
 * Parameters: the accounts `underwriter` and `scheduler` (default: the deployer), `cooldownSeconds` and `claimWindowSeconds` of
 * withdrawals from the pool, and `underwriterDelaySeconds`: longer than the cooldown, so that whoever asks for its capital when a
 * product is scheduled can have it before the product is sold. The scheduler opens risks day by day and has no delay.
 */
export default buildModule('Insurance', (m) => {
  const { accessManager, usd } = m.useModule(Payments);
  const { oracleHub } = m.useModule(Oracle);
  const coverPool = m.contract('CoverPool', [
    usd,
    'Corridor Cover Pool USD',
    'ccpUSD',
    accessManager,
    m.getParameter('cooldownSeconds', COOLDOWN_SECONDS),
    m.getParameter('claimWindowSeconds', CLAIM_WINDOW_SECONDS),
  ]);
  const parametricCover = m.contract('ParametricCover', [coverPool, oracleHub, accessManager]);
  m.call(coverPool, 'setCover', [parametricCover]);
  grantAccess(m, accessManager, {
    newRoles: ['UNDERWRITER', 'SCHEDULER'],
    permissions: [
      { target: coverPool, functions: { GUARDIAN: ['pause()'] } },
      {
        target: parametricCover,
        functions: {
          UNDERWRITER: [createProduct],
          SCHEDULER: ['openRisk(uint256,bytes32,uint256,uint256)'],
          GUARDIAN: ['pauseProduct(uint256)'],
        },
      },
    ],
    members: [
      {
        role: 'UNDERWRITER',
        account: m.getParameter('underwriter', m.getAccount(0)),
        delay: m.getParameter('underwriterDelaySeconds', COOLDOWN_SECONDS + 86_400),
      },
      { role: 'SCHEDULER', account: m.getParameter('scheduler', m.getAccount(0)), delay: 0 },
    ],
  });
  return { coverPool, parametricCover };
});
