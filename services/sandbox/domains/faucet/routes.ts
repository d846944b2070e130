import { json, Router } from 'express';
import { getAddress, isAddress, zeroAddress } from 'viem';
import { Problem } from '../../../platform/http/problem.ts';
import type { Logger } from '../../../platform/log.ts';
import type { Faucet } from './service.ts';

interface FaucetParts {
  /** Undefined where there is no faucet: on every chain but a local one, unless a minter is configured. */
  faucet: Faucet | undefined;
  log: Logger;
}

/** `POST /faucet {address}` answers `{transactionHashes}` when the test money is in a block. */
export function faucetRoutes({ faucet, log }: FaucetParts): Router {
  const router = Router();
  router.post('/faucet', json({ limit: '1kb' }), async (request, response) => {
    if (!faucet) throw new Problem(404, 'faucet_closed', 'There is no test money on this chain.');
    const address: unknown = request.body?.address;
    if (typeof address !== 'string' || !isAddress(address) || address === zeroAddress) {
      throw new Problem(422, 'address_invalid', 'Test money needs an address to go to.', [
        {
          code: 'address_invalid',
          pointer: '/address',
          detail: 'Not an address.',
          expected: '0x and 40 hex digits',
        },
      ]);
    }
    const drip = await faucet.drip(getAddress(address));
    log.info({ address, transactionHashes: drip.transactionHashes }, 'test money sent');
    response.status(201).json(drip);
  });
  return router;
}
