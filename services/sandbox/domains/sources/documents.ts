/** What is played, in the formats that sources have. `distortion` is what a switch makes of it. */
import {
  coinRatesBetween,
  eventsUntil,
  flightsBetween,
  precipitationBetween,
  type ReserveAccount,
  ratesAt,
} from './played.ts';

const DAY_SECONDS = 86_400;
/** When the European Central Bank publishes: 16:00 Central European Time, 15:00 UTC in winter. */
const PUBLISHED_SECONDS = 15 * 3_600;
const MICRO = 1_000_000n;

/** How a source misbehaves in what it says. */
export interface Distortion {
  isLying: boolean;
  hasOtherUnit: boolean;
}

const micros = (decimal: string) => {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};
const decimalOf = (value: bigint) => `${value / MICRO}.${String(value % MICRO).padStart(6, '0')}`;
const rfc3339 = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000', '');
/** A liar says a tenth more. */
const told = (value: bigint, { isLying }: Distortion) => (isLying ? (value * 11n) / 10n : value);

/** Millionths of each currency for one of `base`, the euro included. */
function ratesOf(base: string, now: number): Record<string, bigint> | undefined {
  const { rates } = ratesAt(now);
  const inEuro: Record<string, bigint> = { EUR: MICRO };
  for (const [currency, rate] of Object.entries(rates)) inEuro[currency] = micros(rate);
  const divisor = inEuro[base];
  if (!divisor) return undefined;
  return Object.fromEntries(
    Object.entries(inEuro).map(([currency, rate]) => [currency, (rate * MICRO) / divisor]),
  );
}

/** A base and what one unit of it is in each other currency. */
export function fxRates(base: string, now: number, distortion: Distortion): string | undefined {
  // Another unit: rates of the dollar where those of another currency were asked for, or of the euro.
  const given = distortion.hasOtherUnit ? (base === 'USD' ? 'EUR' : 'USD') : base;
  const rates = ratesOf(given, now);
  if (!rates) return undefined;
  const others = Object.entries(rates).filter(([currency]) => currency !== given);
  return ratesDocument(given, now, others, distortion);
}

/** The same of each hour of the past, of a stablecoin in dollars such as `USDC/USD`; undefined for another pair. */
export function fxHistory(
  pair: string,
  from: number,
  to: number,
  now: number,
  distortion: Distortion,
): string | undefined {
  const [coin = '', quote] = pair.split('/');
  const hours = quote === 'USD' ? coinRatesBetween(coin, from, Math.min(to, now)) : undefined;
  const given = distortion.hasOtherUnit ? 'EUR' : coin;
  const documents = hours?.map(({ at, rate }) =>
    ratesDocument(given, at, [['USD', micros(rate)]], distortion),
  );
  return documents && `[${documents.join(',')}]`;
}

function ratesDocument(
  base: string,
  at: number,
  rates: readonly (readonly [string, bigint])[],
  distortion: Distortion,
): string {
  const written = rates.map(([currency, rate]) => `"${currency}":${decimalOf(told(rate, distortion))}`);
  return `{"base":"${base}","timestamp":${at},"rates":{${written.join(',')}}}`;
}

/** Pairs with bid and ask, the dollar's and the euro's. */
export function fxPairs(now: number, distortion: Distortion): string {
  const pairs = ['EUR/USD', 'GBP/USD', 'USD/CNY', 'USD/JPY', 'EUR/CNY'].map((pair) => {
    const [base = '', quote = ''] = pair.split('/');
    const middle = told(ratesOf(base, now)?.[quote] ?? 0n, distortion);
    const half = middle / 20_000n; // half a basis point to either side
    const name = distortion.hasOtherUnit ? `${quote}/${base}` : pair;
    return { pair: name, bid: decimalOf(middle - half), ask: decimalOf(middle + half), time: rfc3339(now) };
  });
  return JSON.stringify(pairs);
}

/** The reference rates of the last working day that was published. */
export function ecbRates(now: number, distortion: Distortion): string {
  let day = Math.floor((now - PUBLISHED_SECONDS) / DAY_SECONDS);
  while ([0, 6].includes(new Date(day * DAY_SECONDS * 1_000).getUTCDay())) day -= 1;
  const { rates } = ratesAt(now);
  const unit = distortion.hasOtherUnit ? 'X' : '';
  const cubes = Object.entries(rates).map(
    ([currency, rate]) =>
      `<Cube currency='${unit}${currency}' rate='${distortion.isLying ? decimalOf(told(micros(rate), distortion)) : rate}'/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='${rfc3339(day * DAY_SECONDS).slice(0, 10)}'>
			${cubes.join('\n\t\t\t')}
		</Cube>
	</Cube>
</gesmes:Envelope>
`;
}

/** The flights of a designator, as far as they have flown. */
export function flightStatus(flight: string, from: number, to: number, now: number, distortion: Distortion) {
  const flights = flightsBetween(flight, from, to).map((one) => {
    const { scheduledDeparture, scheduledArrival, delayMinutes } = one;
    const times = {
      flight,
      scheduledDeparture: rfc3339(scheduledDeparture),
      scheduledArrival: rfc3339(scheduledArrival),
    };
    const none = { ...times, actualArrival: null, arrivalDelay: null };
    if (delayMinutes === 'cancelled') return { ...none, status: 'cancelled' };
    const delay = distortion.isLying ? delayMinutes + 600 : delayMinutes;
    const actualArrival = scheduledArrival + delay * 60;
    if (scheduledArrival + delayMinutes * 60 > now)
      return { ...none, status: scheduledDeparture > now ? 'scheduled' : 'departed' };
    const arrivalDelay = distortion.hasOtherUnit
      ? { value: delay / 60, unitCode: 'HUR' }
      : { value: delay, unitCode: 'MIN' };
    return { ...times, status: 'arrived', actualArrival: rfc3339(actualArrival), arrivalDelay };
  });
  return JSON.stringify({ updatedAt: rfc3339(now), flights });
}

/** A station's hours as GeoJSON; undefined for an unknown station. */
export function stationObservations(
  station: string,
  from: number,
  to: number,
  now: number,
  distortion: Distortion,
) {
  const unitCode = distortion.hasOtherUnit ? 'wmoUnit:m' : 'wmoUnit:mm';
  const features = precipitationBetween(station, from, Math.min(to, now))?.map(({ endsAt, millimetres }) => {
    const value = Number(millimetres) * (distortion.isLying ? 3 : 1);
    const told = distortion.hasOtherUnit ? value / 1_000 : Number(value.toFixed(1));
    return {
      type: 'Feature',
      geometry: null,
      properties: {
        stationIdentifier: station,
        timestamp: rfc3339(endsAt),
        precipitationLastHour: { unitCode, value: told, qualityControl: 'V' },
      },
    };
  });
  return features && JSON.stringify({ type: 'FeatureCollection', features });
}

/** A shipment's events as EPCIS 2.0; undefined for an unknown one. */
export function shipmentEvents(sscc: string, start: number, now: number, distortion: Distortion) {
  const eventList = eventsUntil(sscc, start, now)?.map(({ at, bizStep, disposition, location }, index) => ({
    type: 'ObjectEvent',
    eventID: `urn:uuid:${sscc.slice(0, 8)}-0000-4000-8000-${String(index).padStart(12, '0')}`,
    eventTime: rfc3339(distortion.isLying ? at - DAY_SECONDS : at),
    eventTimeZoneOffset: '+00:00',
    recordTime: rfc3339(at),
    action: 'OBSERVE',
    epcList: [`urn:epc:id:sscc:${sscc}`],
    bizStep,
    disposition,
    readPoint: { id: location },
  }));
  const document = {
    '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'],
    type: 'EPCISDocument',
    schemaVersion: distortion.hasOtherUnit ? '1.2' : '2.0',
    creationDate: rfc3339(now),
    epcisBody: { eventList },
  };
  return eventList && JSON.stringify(document);
}

/** Yesterday's statement of an account, which nothing was booked on. */
export function bankStatement(
  { account, currency, closingMinor }: ReserveAccount,
  now: number,
  distortion: Distortion,
): string {
  const date = rfc3339((Math.floor(now / DAY_SECONDS) - 1) * DAY_SECONDS).slice(0, 10);
  const minor = told(BigInt(closingMinor), distortion);
  const unit = distortion.hasOtherUnit ? (currency === 'USD' ? 'EUR' : 'USD') : currency;
  const amount = `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
  const balance = (code: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${unit}">${amount}</Amt>` +
    `<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>' +
    `<GrpHdr><MsgId>${account}-${date}</MsgId><CreDtTm>${date}T23:59:59Z</CreDtTm></GrpHdr>` +
    `<Stmt><Id>${account}-${date}</Id><Acct><Id><Othr><Id>${account}</Id></Othr></Id></Acct>` +
    `${balance('OPBD')}${balance('CLBD')}</Stmt></BkToCstmrStmt></Document>\n`
  );
}
