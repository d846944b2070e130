/**
 * Faults in a random order, from a seed that names the run: whatever happens, once it is over every payment ends, each
 * takes effect once, and the books agree with the chain.
 */
import { expect } from 'chai';
import { type Address, createPublicClient, custom, type PublicClient } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { type Database, withTransaction } from '../../../../services/platform/database.ts';
import { Problem } from '../../../../services/platform/http/problem.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { batchDuePayments } from '../../../../services/settlement/domains/payments/batcher.ts';
import { followChain } from '../../../../services/settlement/domains/payments/follower.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const SEEDS = [1, 2, 3, 4, 5];
const STEPS = 60;
/** Rounds that it may take to bring everything to its end when the faults are over. */
const ROUNDS_TO_END = 40;
/** Blocks that may be undone; one less than what the indexer takes for final. */
const DEEPEST = 2;
const ledger = { ...holds, ...postings };

/** mulberry32: whole numbers below `limit`, the same for the same seed. */
function dice(seed: number) {
  let state = seed;
  return (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

describe('payments: faults in any order', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  for (const seed of SEEDS)
    it(`lets every payment take effect once, or not at all: seed ${seed}`, async () => {
      const roll = dice(seed);
      const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
      const recipients = new Map<string, Address>();
      const before = await stage.funds(usd);
      const trace: string[] = [];
      let network: 'works' | 'loses what is sent' | 'loses the answer' = 'works';
      let snapshot: { id: unknown; block: bigint } | undefined;

      const chain = createPublicClient({
        transport: custom(
          {
            async request({ method, params }) {
              const isSending = method === 'eth_sendRawTransaction';
              if (isSending && network === 'loses what is sent') throw new Error('lost');
              const answer = await stage.chain.request(method, params);
              if (isSending && network === 'loses the answer') throw new Error('lost');
              return answer;
            },
          },
          { retryCount: 0 },
        ),
      }) as PublicClient;
      const process = (database: Database) => ({
        database,
        lane: createLane({ ...stage.laneParts, database, chain }),
      });
      let current = process(stage.database);
      const earlier: (typeof current)[] = [];
      const { lifecycle, chainId } = stage;
      const batch = (database: Database) =>
        batchDuePayments({ database, lifecycle, chainId, limits: stage.limits(1 + roll(4)), maxAgeMs: 0 });
      const follow = (database: Database) => followChain({ database, lifecycle, chainId, ledger });
      const hurry = async () => {
        await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
        await stage.database.query('update settlement.attempts set last_broadcast_at = null');
      };
      const freeLane = () => stage.database.query('update settlement.lanes set lease_until = now()');
      const setPaused = async (isPaused: boolean) => {
        const { address } = stage.chain.deployment.stablecoins.USD;
        const token = { address, abi: stablecoinAbi } as const;
        if ((await stage.chain.client.readContract({ ...token, functionName: 'paused' })) === isPaused)
          return;
        const admin = stage.chain.wallet(localAccounts.admin);
        await admin.writeContract({ ...token, functionName: isPaused ? 'pause' : 'unpause' });
        await stage.mine();
      };

      const acts: Record<string, () => Promise<unknown>> = {
        accept: async () => {
          const to = Array.from({ length: 1 + roll(3) }, () => (roll(6) === 0 ? frozen : freshWallet()));
          const ids = await stage.accept(...to.map((wallet) => instruction({ to: wallet })));
          for (const [index, id] of ids.entries()) recipients.set(id, to[index] as Address);
        },
        cancel: async () => {
          const id = [...recipients.keys()][roll(recipients.size + 1)];
          if (!id) return;
          await withTransaction(stage.database, (tx) => stage.payments.cancel(tx, stage.partnerId, id)).catch(
            (error: unknown) => {
              if (!(error instanceof Problem)) throw error;
            },
          );
        },
        batch: () => batch(current.database),
        'lane round': () => current.lane.round(),
        'lane round at once': async () => {
          await hurry();
          await current.lane.round();
        },
        mine: () => stage.mine(1 + roll(2)),
        follow: () => follow(current.database),
        'network works': async () => {
          network = 'works';
        },
        'network loses what is sent': async () => {
          network = 'loses what is sent';
        },
        'network loses the answer': async () => {
          network = 'loses the answer';
        },
        'another process takes over': async () => {
          earlier.push(current);
          current = process(stage.database);
          await freeLane();
        },
        'an earlier process wakes up': async () => earlier[roll(earlier.length + 1)]?.lane.round(),
        'die at a commit': async () => {
          const { database } = mortal(stage.database, 1 + roll(4), roll(2) === 0 ? 'before' : 'after');
          await freeLane();
          const dying = process(database);
          for (const step of [() => batch(database), () => dying.lane.round(), () => follow(database)])
            await step().catch((error: unknown) => {
              if (!(error instanceof Died)) throw error;
            });
          await freeLane();
        },
        'use the signer from outside': () =>
          stage.chain.wallet(localAccounts.operator).sendTransaction({ to: freshWallet(), value: 1n }),
        pause: () => setPaused(true),
        unpause: () => setPaused(false),
        remember: async () => {
          snapshot = {
            id: await stage.chain.request('evm_snapshot'),
            block: (await stage.chain.client.getBlock()).number,
          };
        },
        'a block that is undone': async () => {
          await acts.accept?.();
          await batch(current.database);
          const id = await stage.chain.request('evm_snapshot');
          snapshot = undefined;
          await current.lane.round();
          await stage.mine(1 + roll(DEEPEST));
          await follow(current.database);
          const undone = roll(2) === 0 ? 0 : await current.lane.round();
          await stage.chain.request('evm_revert', [id]);
          await stage.mine(DEEPEST + 1 + undone);
        },
        reorganise: async () => {
          if (!snapshot) return;
          const { number } = await stage.chain.client.getBlock();
          const depth = number - snapshot.block;
          if (depth < 1n || depth > DEEPEST) return;
          await stage.chain.request('evm_revert', [snapshot.id]);
          snapshot = undefined;
          await stage.mine(Number(depth) + 1);
        },
      };
      const usual = [
        'accept',
        'batch',
        'lane round',
        'lane round at once',
        'mine',
        'follow',
        'remember',
        'reorganise',
      ];
      const names = [...Object.keys(acts), ...usual, ...usual];
      for (let step = 0; step < STEPS; step++) {
        const name = names[roll(names.length)] as string;
        trace.push(name);
        await acts[name]?.();
      }

      network = 'works';
      await setPaused(false);
      await freeLane();
      current = process(stage.database);
      const ids = [...recipients.keys()];
      const open = async () =>
        (await stage.states(ids)).filter((state) => !/posted|returned|cancelled/.test(state));
      for (let round = 0; (await open()).length > 0; round++) {
        expect(round, `rounds; ${await open()} after ${trace.join(', ')}`).to.be.below(ROUNDS_TO_END);
        await hurry();
        await batch(stage.database);
        await current.lane.round();
        await stage.mine();
        await stage.follow();
      }
      await freeLane();

      const states = await stage.states(ids);
      let paid = 0n;
      for (const [index, [id, wallet]] of [...recipients].entries()) {
        const state = states[index];
        if (wallet === frozen) expect(state, id).to.be.oneOf(['returned', 'cancelled']);
        else {
          expect(await stage.balanceOf(wallet), `${id} is ${state}`).to.equal(
            state === 'posted' ? 10_000_000n : 0n,
          );
          if (state === 'posted') paid += 10_000_000n;
        }
      }
      expect(await stage.funds(usd)).to.deep.equal({ ...before, posted: (before?.posted ?? 0n) - paid });
      await stage.mine();
      await stage.follow();
      await stage.reconcile();
      const { rows: breaks } = await stage.database.query('select * from settlement.breaks');
      expect(breaks).to.deep.equal([]);
      const { rows: told } = await stage.database.query<{ types: string[] }>(
        `select array_agg(type order by id) as types from settlement.webhook_messages where payment_id = any($1) group by payment_id`,
        [ids],
      );
      for (const { types } of told)
        expect(types.join()).to.match(
          /^payment\.accepted,(payment\.cancelled|payment\.processing,payment\.(settled|returned))$/,
        );
      const signer = { address: stage.laneParts.signer.address };
      const { rows: lanes } = await stage.database.query<{ next_nonce: bigint }>(
        'select next_nonce from settlement.lanes',
      );
      expect(BigInt(await stage.chain.client.getTransactionCount(signer))).to.be.at.least(
        lanes[0]?.next_nonce ?? 0n,
      );
    });
});
