/** What must hold before a lane is given work, and what pauses it later: keys, money, permission, the right chain. */
import { formatEther } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { filler } from './attempts.ts';
import type { LaneFinding } from './laneState.ts';
import type { Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';

/** The router is asked of so many accounts in a round, of those whose batches wait after 10 s again, of others after 60 s. */
const ACCOUNTS_A_ROUND = 25;

/** What keeps the lane from working, if anything; looked for at the beginning of each round. */
export async function checkLane(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
): Promise<LaneFinding | undefined> {
  const { address } = parts.signer;
  if (view.balance < filler.gas * view.fees.maxFeePerGas)
    return {
      state: 'unfunded',
      sentence: `${address} has ${formatEther(view.balance)} ETH, which pays for no transaction. Nothing new is signed: send it ETH.`,
    };
  await askRouter(parts, lane);
  const { rows } = await parts.database.query<{ accounts: bigint; allowed: bigint }>(
    `select count(*) as accounts, count(*) filter (where is_operator) as allowed
       from settlement.lane_accounts where chain_id = $1 and signer = $2`,
    [lane.chainId, lane.signer],
  );
  const { accounts = 0n, allowed = 0n } = rows[0] ?? {};
  if (accounts === 0n || allowed > 0n) return undefined;
  return {
    state: 'not_operator',
    sentence: `${address} is the router's operator for none of ${accounts} accounts. Nothing is signed: let their wallets call authorizeOperator(${address}, token, limit, windowSeconds), or configure the key that they authorised.`,
  };
}

/** Signs a transaction that no node would take, to see that the signer signs, and as whom. @throws SignerError */
export async function probeSigner({ signer, chainId }: LaneParts): Promise<void> {
  await signer.sign({
    chainId,
    nonce: 0,
    to: signer.address,
    ...filler,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
}

/** Notes for which accounts the signer is the router's operator; those whose batches wait first, then the unknown. */
async function askRouter({ database, chain, router, signer }: LaneParts, lane: Lane): Promise<void> {
  const { rows } = await database.query<{ id: string; payer: `0x${string}`; token: `0x${string}` }>(
    `with waiting as (
       select distinct account_id from settlement.settlement_batches where chain_id = $1 and state = 'batched'
     )
     select a.id, a.payer, a.token
       from settlement.accounts a
       left join waiting w on w.account_id = a.id
       left join settlement.lane_accounts o on o.chain_id = $1 and o.signer = $2 and o.account_id = a.id
      where a.chain_id = $1
        and (o.checked_at is null
             or o.checked_at < now() - case when w.account_id is null then interval '1 minute' else interval '10 seconds' end)
      order by w.account_id is null, o.checked_at nulls first limit $3`,
    [lane.chainId, lane.signer, ACCOUNTS_A_ROUND],
  );
  if (rows.length === 0) return;
  const limits = await Promise.all(
    rows.map(({ payer, token }) =>
      chain.readContract({
        address: router,
        abi: paymentRouterAbi,
        functionName: 'operatorAllowance',
        args: [payer, signer.address, token],
      }),
    ),
  );
  await database.query(
    `insert into settlement.lane_accounts (chain_id, signer, account_id, is_operator)
     select $1, $2, * from unnest($3::text[], $4::boolean[])
     on conflict (chain_id, signer, account_id) do update set is_operator = excluded.is_operator, checked_at = now()`,
    [lane.chainId, lane.signer, rows.map(({ id }) => id), limits.map(([, limit]) => limit > 0n)],
  );
}
