/** How the bank of the reserves fails its side. What it leaves behind, `reserves.ts` knows how to explain. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import { seededRandom } from '../iso20022/random.ts';
import { CENT, entryOf, type Movement, reversalOf } from './bank.ts';
import { faults } from './faults.ts';
import { FINALITY_DEPTH, type ScheduledFault } from './schedule.ts';
import type { World } from './world.ts';

type BankFault = Pick<ScheduledFault, 'seed' | 'lengthMs'>;

const isOfBank = ({ name }: ScheduledFault) => faults[name].family === 'bank';
/** In token units: what the fault's first mint is known by. */
const mintedBy = ({ seed }: BankFault) => BigInt(1_000_000 + (seed % 1_000_000)) * CENT;
const currencyOf = ({ seed }: BankFault) => (seed % 2 === 0 ? 'USD' : 'EUR');

/** The mints and burns that the faults are about, final before anything else happens; what the bank owed comes first. */
export async function prepareBank({ chain, bank, database }: World, scheduled: readonly ScheduledFault[]) {
  const struck = scheduled.filter(isOfBank);
  if (struck.length === 0) return;
  await bank.handInOwed();
  for (const fault of struck) {
    const minted = mintedBy(fault);
    await chain.changeSupply(currencyOf(fault), [minted, 2n * minted, -minted]);
  }
  const head = await chain.head();
  await until('the mints to be posted', async () => {
    const { rowCount } = await database.query(
      'select from settlement.posted_blocks where block_number >= $1',
      [head - BigInt(FINALITY_DEPTH)],
    );
    return rowCount === 1;
  });
}

/** The statement with the mints comes after the next one, or only when the bank is asked again. */
export async function beSilent({ bank }: World, fault: BankFault): Promise<void> {
  const late = await bank.issue(currencyOf(fault));
  await bank.handIn(await bank.issue(currencyOf(fault)));
  await delay(fault.lengthMs);
  if (seededRandom(fault.seed).chance(0.6)) await bank.handIn(late);
}

/** A statement that has an entry twice comes twice; the bank may take the second entry back later. */
export async function repeatItself({ bank }: World, fault: BankFault): Promise<void> {
  const currency = currencyOf(fault);
  const entry = entryOf(await mintOf(bank, fault));
  const statement = await bank.issue(currency, [{ entry, meaning: 'bank_duplicate' }]);
  await bank.handIn(statement);
  if (await bank.handIn(statement)) throw new Error(`${statement.id} was stored twice`);
  await delay(fault.lengthMs);
  if (seededRandom(fault.seed).chance(0.5)) return;
  const second = `${statement.id}/${statement.entries.length}`;
  await bank.handIn(await bank.issue(currency, [{ entry: reversalOf(entry), meaning: 'offset' }], [second]));
}

/** Money for which coins were minted goes back, and so does some that came by mistake. */
export async function returnMoney({ bank }: World, fault: BankFault): Promise<void> {
  const currency = currencyOf(fault);
  await bank.handIn(await bank.issue(currency));
  await delay(fault.lengthMs);
  const stray = { amount: '12.34', reference: `STRAY-${fault.seed}` };
  await bank.handIn(
    await bank.issue(currency, [
      { entry: reversalOf(entryOf(await mintOf(bank, fault))), meaning: 'bank_return' },
      { entry: stray, meaning: 'offset' },
      { entry: reversalOf(stray), meaning: 'offset' },
    ]),
  );
}

async function mintOf(bank: World['bank'], fault: BankFault): Promise<Movement> {
  const all = await bank.movements(currencyOf(fault));
  return all.find(({ direction, units }) => direction === 'CRDT' && units === mintedBy(fault)) as Movement;
}
