/** Brings each fault about, in the real world of processes, chain and database. Resolves when it is over. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from 'viem';
import { ConnectionCut } from '../../test/support/nodeProxy.ts';
import { until } from '../../test/support/until.ts';
import { type Random, seededRandom } from '../iso20022/random.ts';
import { beSilent, prepareBank, repeatItself, returnMoney } from './bankFaults.ts';
import { payers } from './chain.ts';
import type { FaultName } from './faults.ts';
import { setDiskFull } from './fullDisk.ts';
import { createTurns } from './inTurn.ts';
import type { Misbehaviour } from './node.ts';
import { type OracleFault, oracleFaults } from './oracle.ts';
import { otherBlocks, rpcFaults } from './rpcFaults.ts';
import { partnerCurrencies, type ScheduledFault } from './schedule.ts';
import type { Process, World } from './world.ts';

/** Longer than a lane's lease, so that another process has the lane by then. */
const HOLD_MS = 6_500;
const HOUR_MS = 3_600_000;
/** What a kill waits for may not come any more; it is then done without. */
const STRIKE_LIMIT_MS = 3_000;
const RESTORE_LIMIT_MS = 120_000;

/** What was done to the world so far. */
export interface Damage {
  kills: number;
  /** Of the oracle's reporters, which are not among the kills. */
  reporterKills: number;
  reorgs: number;
  databaseCrashes: number;
}

/** A run as its faults see it. */
export interface Scene {
  world: World;
  damage: Damage;
  /** Whom the run pays. */
  wallets: readonly Address[];
  /** Partners send everything again that was answered. */
  repeatAll(): Promise<void>;
  /** Which reporter lies, if one does: never two in a run, as what one said it goes on saying. */
  liar: number;
  /** Set when the database has forgotten what partners were told. */
  isRestored: boolean;
}

type Injection = (scene: Scene, fault: ScheduledFault) => Promise<void>;

export function inject(scene: Scene, fault: ScheduledFault): Promise<void> {
  const { name } = fault;
  return Object.hasOwn(oracleFaults, name)
    ? oracleFaults[name as OracleFault](scene, fault)
    : injections[name as Exclude<FaultName, OracleFault>](scene, fault);
}

const databaseTurns = createTurns();

/** Whether the backup is older than every order of the run; else it is made at the fault's moment. */
const isBackedUpBefore = ({ target }: ScheduledFault) => target !== 2;

/** What has to be done before the first order. */
export async function prepare(world: World, faults: readonly ScheduledFault[]): Promise<void> {
  await prepareBank(world, faults);
  const isNeeded = (fault: ScheduledFault) => fault.name === 'database-restored' && isBackedUpBefore(fault);
  if (faults.some(isNeeded)) await world.postgres.backUp();
}

const injections: Record<Exclude<FaultName, OracleFault>, Injection> = {
  'settlement-killed': (scene, { target }) => kill(scene, targets(scene.world.settlements, target)),
  'indexer-killed': (scene, { target }) => kill(scene, targets(scene.world.indexers, target)),
  'all-killed': (scene) => kill(scene, processes(scene.world)),
  'killed-before-commit': (scene, fault) => killAtCommit(scene, fault, 'before'),
  'killed-after-commit': (scene, fault) => killAtCommit(scene, fault, 'after'),
  'killed-before-send': (scene) => killAtSend(scene, 'before'),
  'killed-after-send': (scene) => killAtSend(scene, 'after'),
  'two-workers': async ({ world: { settlements } }) => {
    const holder = settlements.toSorted((a, b) => b.sentAt - a.sentAt)[0] as Process;
    holder.service.hold();
    await delay(HOLD_MS);
    holder.service.goOn();
  },
  'clock-off': async ({ world }, { target, lengthMs, seed }) => {
    const jump = seededRandom(seed).chance(0.5) ? HOUR_MS : -HOUR_MS;
    const hosts = [world.settlements, world.indexers, processes(world)][target] as readonly Process[];
    for (const { service } of hosts) service.shiftClock(jump);
    await delay(2 * lengthMs);
    for (const { service } of hosts) service.shiftClock(0);
  },

  'reorg-dropped': (scene, fault) => reorganise(scene, fault, 'dropped'),
  'reorg-moved': (scene, fault) => reorganise(scene, fault, 'moved'),
  'reorg-twice': (scene, fault) => reorganise(scene, fault, 'twice'),
  'transaction-dropped': ({ world }) => world.chain.dropPending(),
  'fee-too-low': ({ world }) => world.chain.raiseBaseFee(),
  'signer-used-outside': ({ world: { chain } }, { target }) =>
    chain.useSigner(chain.signers[target] as Address),
  'poison-batch': ({ world: { chain } }, { target, lengthMs }) => {
    const [currency = 'USD'] = partnerCurrencies[target] ?? [];
    return forAWhile(lengthMs, (isOn) => chain.setAllowance(payers[target], currency, !isOn));
  },
  'poison-transaction': ({ world: { chain } }, { target, lengthMs }) =>
    forAWhile(lengthMs, (isOn) => chain.setSignerBalance(chain.signers[target] as Address, !isOn)),
  'token-paused': ({ world: { chain } }, { target, lengthMs }) => {
    const currency = target === 0 ? 'EUR' : 'USD';
    return forAWhile(lengthMs, (isOn) => chain.setPaused(currency, isOn));
  },
  'recipient-frozen': async ({ world: { chain }, wallets }, { lengthMs, seed }) => {
    const wallet = seededRandom(seed).pick(wallets);
    await forAWhile(lengthMs, (isOn) => chain.setFrozen(wallet, isOn));
  },

  'database-killed': ({ world: { postgres }, damage }, { lengthMs }) =>
    databaseTurns(async () => {
      await postgres.kill();
      damage.databaseCrashes++;
      await delay(lengthMs / 2);
      await postgres.start();
    }),
  'disk-full': ({ world: { postgres } }, { lengthMs }) =>
    databaseTurns(() => forAWhile(lengthMs, (isOn) => setDiskFull(postgres.url, isOn))),
  'database-restored': (scene, fault) =>
    databaseTurns(async () => {
      if (!isBackedUpBefore(fault)) await scene.world.postgres.backUp();
      await delay(2 * fault.lengthMs);
      await restore(scene);
    }),

  'send-lost': misbehave,
  'send-landed': misbehave,
  'send-hangs': misbehave,
  'send-swallowed': misbehave,
  'rpc-silent': misbehave,
  'rpc-lags': misbehave,
  'rpc-repeats': misbehave,
  'rpc-reorders': misbehave,
  'rpc-garbage': misbehave,
  'rpc-lies': misbehave,
  'nodes-disagree': async ({ world: { chain, secondNode } }, { depth, lengthMs, seed }) => {
    const random = seededRandom(seed);
    const { 'rpc-lags': lag, 'rpc-silent': beSilent } = rpcFaults(chain.head);
    const end = secondNode.misbehave(random.pick([otherBlocks, () => lag(random, depth), beSilent])());
    await delay(2 * lengthMs);
    end();
  },

  'client-repeats': (scene) => scene.repeatAll(),
  'receiver-down': receiverTrouble,
  'receiver-slow': receiverTrouble,
  'receiver-twice': receiverTrouble,
  'receiver-redirects': receiverTrouble,

  'bank-silent': ({ world }, fault) => beSilent(world, fault),
  'bank-repeats': ({ world }, fault) => repeatItself(world, fault),
  'bank-returns': ({ world }, fault) => returnMoney(world, fault),
};

function processes({ settlements, indexers }: World): Process[] {
  return [...settlements, ...indexers];
}

/** The first, the second, or both. */
function targets(pair: readonly Process[], target: ScheduledFault['target']): Process[] {
  return target === 2 ? [...pair] : [pair[target] as Process];
}

async function kill({ damage }: Pick<Scene, 'damage'>, victims: readonly Process[]): Promise<void> {
  const killed = await Promise.all(victims.map(({ service }) => service.kill()));
  damage.kills += killed.filter(Boolean).length;
}

/** Kills a process at a commit of its own. */
async function killAtCommit(scene: Scene, { nth, seed }: ScheduledFault, moment: 'before' | 'after') {
  const victim = seededRandom(seed).pick(processes(scene.world));
  await strike(
    scene,
    (done) => {
      victim.commits.strikeAt(nth, moment, () => done(victim));
      return () => victim.commits.disarm();
    },
    victim,
  );
}

/** Kills whichever settlement process hands the next transaction to its node. */
async function killAtSend(scene: Scene, moment: 'before' | 'after') {
  const { settlements } = scene.world;
  await strike(
    scene,
    (done) => {
      const undo = settlements.map((victim) => {
        const fall = ({ method }: { method: string }, result?: unknown) => {
          if (method !== 'eth_sendRawTransaction') return result;
          done(victim);
          throw new ConnectionCut();
        };
        return victim.node.misbehave(moment === 'before' ? { before: fall } : { after: fall });
      });
      return () => {
        for (const end of undo) end();
      };
    },
    settlements[0] as Process,
  );
}

/** Arms a kill and waits for it; what does not come in time is killed as it stands. */
async function strike(
  scene: Scene,
  arm: (done: (victim: Process) => void) => () => void,
  otherwise: Process,
): Promise<void> {
  const { promise: struck, resolve } = Promise.withResolvers<true>();
  let isOver = false;
  const disarm = arm((victim) => {
    if (isOver) return;
    isOver = true;
    void kill(scene, [victim]).then(() => resolve(true));
  });
  await Promise.race([struck, delay(STRIKE_LIMIT_MS)]);
  disarm();
  if (isOver) await struck;
  else await kill(scene, [otherwise]);
}

async function reorganise(
  { world, damage }: Scene,
  { depth, seed }: ScheduledFault,
  way: 'dropped' | 'moved' | 'twice',
) {
  await world.chain.reorganise(depth, way, seededRandom(seed));
  damage.reorgs++;
}

/**
 * What an operator does (docs/reliability.md): settlement is stopped, the backup restored, the indexer brought to the
 * chain's head, and settlement started again when everything that the signers have sent is final.
 */
async function restore(scene: Scene): Promise<void> {
  const { world } = scene;
  const { chain, postgres, database, settlements } = world;
  await Promise.all(settlements.map(({ service }) => service.stop()));
  await postgres.restore();
  scene.isRestored = true;
  scene.damage.databaseCrashes++;
  await until(
    'the index to have everything of the signers as final',
    async () => {
      const { rows } = await database
        .query<{ final_number: bigint }>('select final_number from indexer.cursors')
        .catch(() => ({ rows: [] })); // another crash, or not up yet
      const blockNumber = rows[0]?.final_number;
      if (!blockNumber) return false;
      const isFinal = chain.signers.map(async (address) => {
        const { nonce, isQuiet } = await chain.nonceOf(address);
        return isQuiet && (await chain.client.getTransactionCount({ address, blockNumber })) === nonce;
      });
      return (await Promise.all(isFinal)).every(Boolean);
    },
    RESTORE_LIMIT_MS,
  );
  for (const { service } of settlements) service.start();
}

async function misbehave(
  scene: Scene,
  { name, target, depth, lengthMs, seed }: ScheduledFault,
): Promise<void> {
  const { world } = scene;
  const make = rpcFaults(world.chain.head)[name as keyof ReturnType<typeof rpcFaults>] as (
    random: Random,
    depth: number,
  ) => Misbehaviour;
  const nodes = [world.settlements, world.indexers, processes(world)][
    name.startsWith('send') ? 0 : target
  ] as readonly Process[];
  const random = seededRandom(seed);
  const ends = nodes.map(({ node }) => node.misbehave(make(random, depth)));
  await delay(lengthMs);
  for (const end of ends) end();
}

async function receiverTrouble({ world }: Scene, { name, lengthMs }: ScheduledFault): Promise<void> {
  const setMood = (mood: Parameters<World['partners'][number]['receiver']['setMood']>[0]) => {
    for (const { receiver } of world.partners) receiver.setMood(mood);
  };
  setMood(name as 'receiver-down');
  await delay(2 * lengthMs);
  setMood('well');
}

async function forAWhile(lengthMs: number, set: (isOn: boolean) => Promise<unknown>): Promise<void> {
  await set(true);
  await delay(lengthMs);
  await set(false);
}
