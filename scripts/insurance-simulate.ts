/**
 * A year of the insurance: what each product would have taken in premiums and paid out, with the contract's own formulas.
 *
 *   npm run insurance:simulate
 *   npm run insurance:simulate -- --seed 7 --days 3650 --insured 500 --json
 *
 * Flights and rain are recorded (scripts/insurance/recorded/README.md). What there is no record of is drawn from the seed, for so many days
 * (scripts/insurance/drawn.ts). Each line says which it is.
 */
import { COVER_CURRENCY, formatObservation } from '../services/core/insurance/product.ts';
import { formatMoney, isAmount, moneyFaults, parseMoney } from '../services/core/money.ts';
import { ConfigError } from '../services/platform/config.ts';
import { readProducts } from '../services/settlement/domains/insurance/products.ts';
import { readOptions, runCommandLine, wholeNumberOption } from './cli.ts';
import { localProductsFile } from './deploy/localProducts.ts';
import { drawnProducts, drawObservations } from './insurance/drawn.ts';
import { recordings } from './insurance/recorded.ts';
import { type Outcome, simulate } from './insurance/simulation.ts';

const USAGE =
  'npm run insurance:simulate [-- --seed 1 --days 365 --insured 100.00 --products file.json --json]';

const simulatedProducts = [...Object.keys(recordings), ...drawnProducts];

/** 2026-01-01, a midnight: the first day of what is drawn. */
const START = Date.UTC(2026, 0, 1) / 1_000;
/** From the sale to the window, unless the waiting period is longer. */
const LEAD_SECONDS = 14 * 86_400;
const MOST_DAYS = 36_500;

await runCommandLine(() => {
  const options = readOptions(USAGE, {
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '365' },
    insured: { type: 'string', default: '100.00' },
    products: { type: 'string', default: localProductsFile },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return console.log(USAGE);
  const seed = wholeNumberOption(USAGE, 'seed', options.seed);
  const days = wholeNumberOption(USAGE, 'days', options.days);
  if (days > MOST_DAYS)
    throw new ConfigError(`--days is ${days}, expected at most ${MOST_DAYS}. Usage: ${USAGE}`);
  if (!isAmount(options.insured) || moneyFaults(COVER_CURRENCY, options.insured).length > 0)
    throw new ConfigError(
      `--insured is ${options.insured}, expected an amount such as 100.00. Usage: ${USAGE}`,
    );
  const insured = parseMoney(COVER_CURRENCY, options.insured).units;

  const products = [...readProducts(options.products).values()];
  const known = products.filter(({ id }) => simulatedProducts.includes(id));
  if (known.length === 0)
    throw new ConfigError(
      `No product of ${options.products} can be simulated: ${simulatedProducts.join(', ')} can.`,
    );
  const outcomes = known.map((product): SourcedOutcome => {
    const recording = recordings[product.id];
    const observations = recording?.read(product) ?? drawObservations(product, seed, START, days);
    const lead = Math.max(LEAD_SECONDS, product.waitingPeriodSeconds);
    return {
      observations: recording ? `recorded: ${recording.of}` : `drawn from seed ${seed}: ${days} days`,
      ...simulate(product, observations, insured, lead),
    };
  });
  if (options.json) {
    console.log(
      JSON.stringify(outcomes, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2),
    );
    return;
  }
  console.log(`${options.insured} ${COVER_CURRENCY} insured each time.\n`);
  print(outcomes);
  for (const id of products.map((product) => product.id).filter((id) => !simulatedProducts.includes(id)))
    console.log(`${id}: no observations to simulate it with.`);
});

/** With where its observations are from. */
type SourcedOutcome = Outcome & { observations: string };

function print(outcomes: readonly SourcedOutcome[]): void {
  const money = (units: bigint) =>
    formatMoney({ currency: COVER_CURRENCY, units: units - (units % 10_000n) });
  const percent = (part: bigint, whole: bigint) =>
    whole === 0n ? '-' : `${formatObservation({ decimals: 1 }, (part * 1_000n) / whole)} %`;
  const rows = outcomes.map((one) => [
    one.product,
    one.observations,
    String(one.policies),
    money(one.premium),
    money(one.payouts),
    percent(one.payouts, one.premium),
    percent(one.payouts, one.insured),
    percent(one.expectedLoss, one.insured),
    one.byTier.join(' / '),
    `${one.worstMonth.month} ${money(one.worstMonth.premium - one.worstMonth.payouts)}`,
  ]);
  const heads = [
    'product',
    'observations',
    'policies',
    'premiums',
    'payouts',
    'loss ratio',
    'loss of insured',
    'as priced',
    'by tier',
    'worst month',
  ];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [heads, ...rows])
    console.log(
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column < 2 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  '),
    );
}
