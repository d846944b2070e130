/** How much the operator may settle for an account now. */
import type { Address, PublicClient } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Database } from '../../../platform/database.ts';
import type { Room } from '../payments/batcher.ts';
import { HOME_SQL, LANES_SQL } from './routing.ts';

interface AccountRow {
  id: string;
  payer: Address;
  token: Address;
  signer: Address;
  /** Sums of the batches that are under way, or wait and are likely to go. */
  under_way: string[];
}

/**
 * Asks router and token what is left for each account, in one request outside of any transaction, less what is under way.
 * That is read first: what is included meanwhile counts twice, and never not at all. An account that no lane may settle
 * for is left out: its first refusal says why it waits.
 */
export async function readRooms(
  {
    database,
    chain,
    router,
    chainId,
  }: { database: Database; chain: PublicClient; router: Address; chainId: number },
  accountIds: readonly string[],
): Promise<Map<string, Room>> {
  const { rows } = await database.query<AccountRow>(
    `with ${LANES_SQL}, account as (
       select id as account_id, payer, token from settlement.accounts where id = any($2)
     ), ${HOME_SQL}
     select account.account_id as id, account.payer, account.token, home.signer,
            array(select b.units::text from settlement.settlement_batches b
                   where b.chain_id = $1 and b.account_id = account.account_id
                     and b.state in ('batched', 'signed', 'broadcast') and not b.is_set_aside) as under_way
       from account join home using (account_id)
       join settlement.lane_accounts o
         on o.chain_id = $1 and o.signer = home.signer and o.account_id = account.account_id and o.is_operator`,
    [chainId, accountIds],
  );
  const rooms = await Promise.all(
    rows.map(async ({ payer, token, signer, under_way }): Promise<Room> => {
      const coin = { address: token, abi: stablecoinAbi } as const;
      const [[available, limit], balance, allowance] = await Promise.all([
        chain.readContract({
          address: router,
          abi: paymentRouterAbi,
          functionName: 'operatorAllowance',
          args: [payer, signer, token],
        }),
        chain.readContract({ ...coin, functionName: 'balanceOf', args: [payer] }),
        chain.readContract({ ...coin, functionName: 'allowance', args: [payer, router] }),
      ]);
      // What is above the limit never goes, so it takes nothing.
      const going = under_way.map(BigInt).filter((units) => units <= limit);
      const least = [available, balance, allowance].reduce((a, b) => (a < b ? a : b));
      return { limit, left: going.reduce((left, units) => left - units, least), isIdle: going.length === 0 };
    }),
  );
  return new Map(rows.map(({ id }, index) => [id, rooms[index] as Room]));
}
