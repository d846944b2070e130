import { expect } from 'chai';
import fc from 'fast-check';
import { readBankBalance } from '../../../../services/oracle/domains/sources/formats/bankBalance.ts';
import { readEcbRates } from '../../../../services/oracle/domains/sources/formats/ecbRates.ts';
import {
  CANCELLED_MINUTES,
  readFlightStatus,
} from '../../../../services/oracle/domains/sources/formats/flightStatus.ts';
import { readFxPairs } from '../../../../services/oracle/domains/sources/formats/fxPairs.ts';
import { readFxRates } from '../../../../services/oracle/domains/sources/formats/fxRates.ts';
import { readRateHistory } from '../../../../services/oracle/domains/sources/formats/rateHistory.ts';
import { readShipmentEvents } from '../../../../services/oracle/domains/sources/formats/shipmentEvents.ts';
import { readStationObservations } from '../../../../services/oracle/domains/sources/formats/stationObservations.ts';
import { refusalCodes, SourceRefused } from '../../../../services/oracle/domains/sources/refusal.ts';
import { closingOf, statementXml } from '../../../support/bankStatement.ts';

const bytes = (document: unknown) =>
  new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));
const seconds = (time: string) => Date.parse(time) / 1_000;
const EUR_USD = { base: 'EUR', quote: 'USD', decimals: 8 };

/** The code of the refusal; fails when there is none. */
function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof SourceRefused) return error.code;
    throw error;
  }
  return 'none';
}

describe('oracle sources: rates of a base (fx-rates)', () => {
  const document = (changes: object = {}) => ({
    base: 'EUR',
    timestamp: 1_763_740_800,
    rates: { USD: 1.08371, GBP: '0.8421' },
    ...changes,
  });
  const read = (text: unknown, pair = EUR_USD) => readFxRates(bytes(text), pair);

  it('takes every digit, of numbers and of text', () => {
    expect(read(document())).to.deep.equal({ units: 108_371_000n, observedAt: 1_763_740_800 });
    expect(read(document(), { ...EUR_USD, quote: 'GBP' }).units).to.equal(84_210_000n);
    const long = '{"base":"EUR","timestamp":1,"rates":{"USD":1.08371234999999999999999999}}';
    expect(read(long).units).to.equal(108_371_235n);
    expect(read(long, { ...EUR_USD, decimals: 18 }).units).to.equal(1_083_712_350_000_000_000n);
    expect(read('{"base":"EUR","timestamp":1,"rates":{"USD":108371e-5}}').units).to.equal(108_371_000n);
  });

  for (const [what, changed, code] of [
    ['another base', { base: 'USD' }, 'source_wrong_unit'],
    ['no such currency', { rates: { GBP: 1 } }, 'source_wrong_unit'],
    ['a name that every object has', { rates: {} }, 'source_wrong_unit'],
    ['zero', { rates: { USD: 0 } }, 'source_garbage'],
    ['a negative rate', { rates: { USD: -1 } }, 'source_garbage'],
    ['no number', { rates: { USD: 'about 1' } }, 'source_garbage'],
    ['no time', { timestamp: 'now' }, 'source_garbage'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read(document(changed)))).to.equal(code));

  it('refuses a member that stands there twice', () =>
    expect(refusalOf(() => read('{"base":"EUR","timestamp":1,"rates":{"USD":1,"USD":2}}'))).to.equal(
      'source_garbage',
    ));
});

describe('oracle sources: pairs with bid and ask (fx-pairs)', () => {
  const pair = (changes: object = {}) => ({
    pair: 'EUR/USD',
    bid: '1.08370',
    ask: '1.08373',
    time: '2026-11-20T16:00:00.250+01:00',
    ...changes,
  });
  const read = (list: unknown) => readFxPairs(bytes(list), EUR_USD);

  it('takes what lies halfway, rounded to the nearest unit', () => {
    expect(read([pair({ pair: 'GBP/USD' }), pair()])).to.deep.equal({
      units: 108_371_500n,
      observedAt: seconds('2026-11-20T15:00:00Z'),
    });
    expect(read([pair({ bid: '1.000000001', ask: '1.000000002' })]).units).to.equal(100_000_000n);
    expect(read([pair({ bid: '1.000000005', ask: '1.000000005' })]).units).to.equal(100_000_001n);
  });

  for (const [what, list, code] of [
    ['the pair the other way round', [pair({ pair: 'USD/EUR' })], 'source_wrong_unit'],
    ['the pair twice', [pair(), pair()], 'source_garbage'],
    ['a bid above its ask', [pair({ bid: '2' })], 'source_garbage'],
    ['a time without its offset', [pair({ time: '2026-11-20T16:00:00' })], 'source_garbage'],
    ['an object', {}, 'source_garbage'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read(list))).to.equal(code));
});

describe('oracle sources: euro reference rates (ecb-rates)', () => {
  const cube = (currency: string, rate: string) => `<Cube currency='${currency}' rate='${rate}'/>`;
  const file = (cubes: string, time = '2026-11-20') =>
    `<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='${time}'>${cubes}</Cube></Cube></gesmes:Envelope>`;
  const all = cube('USD', '1.0837') + cube('CNY', '7.7312') + cube('JPY', '167.42');
  const read = (text: string, pair: object = {}) => readEcbRates(bytes(text), { ...EUR_USD, ...pair });

  it('takes a rate as it stands, of 14:15 in Frankfurt', () =>
    expect(read(file(all))).to.deep.equal({
      units: 108_370_000n,
      observedAt: seconds('2026-11-20T13:15:00Z'),
    }));

  it('crosses through the euro exactly, and rounds once', () => {
    expect(read(file(all), { base: 'USD', quote: 'CNY' }).units).to.equal(713_407_770n); // 7.7312 / 1.0837 = 7.13407769...
    expect(read(file(all), { base: 'USD', quote: 'EUR' }).units).to.equal(92_276_460n);
    expect(read(file(all), { base: 'JPY', quote: 'CNY', decimals: 18 }).units).to.equal(
      46_178_473_300_680_922n,
    );
  });

  for (const [what, text, code] of [
    ['a file without the currency', file(cube('JPY', '1')), 'source_wrong_unit'],
    ['a currency twice', file(cube('USD', '1') + cube('USD', '2')), 'source_garbage'],
    ['a rate of zero', file(cube('USD', '0')), 'source_garbage'],
    ['N/A', file(cube('USD', 'N/A')), 'source_garbage'],
    ['a date that is none', file(all, '2026-02-30'), 'source_garbage'],
    ['another vocabulary', file(all).replace('eurofxref"', 'other"'), 'source_garbage'],
    ['a document type', `<!DOCTYPE a>${file(all).slice(38)}`, 'source_garbage'],
    ['JSON', '{}', 'source_garbage'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read(text))).to.equal(code));
});

describe("oracle sources: a bank's statement (bank-balance)", () => {
  const statement = { id: 'S1', date: '2026-11-20', opening: 500_000n, entries: [{ amount: '12.34' }] };
  const read = (text: string, account: object = {}) =>
    readBankBalance(bytes(text), { account: 'RESERVE-USD', currency: 'USD', decimals: 2, ...account });

  it('takes the closing balance in units of the feed, of the beginning of its day', () =>
    expect(read(statementXml(statement))).to.deep.equal({
      units: closingOf(statement),
      observedAt: seconds('2026-11-20T00:00:00Z'),
    }));

  it('refuses another currency, another account, what does not add up, and rubbish', () => {
    expect(refusalOf(() => read(statementXml({ ...statement, currency: 'EUR' })))).to.equal(
      'source_wrong_unit',
    );
    expect(refusalOf(() => read(statementXml(statement), { account: 'X' }))).to.equal(
      'source_window_missing',
    );
    expect(refusalOf(() => read(statementXml({ ...statement, closing: 1n })))).to.equal('source_garbage');
    expect(refusalOf(() => read('<Document/>'))).to.equal('source_garbage');
  });

  it('refuses two statements of one day', () => {
    const xml = statementXml(statement);
    const second = /<Stmt>.*<\/Stmt>/.exec(xml)?.[0] ?? '';
    const twice = xml.replace('</BkToCstmrStmt>', `${second}</BkToCstmrStmt>`);
    expect(refusalOf(() => read(twice))).to.equal('source_duplicate_window');
  });
});

describe('oracle sources: flight status (flight-status)', () => {
  const flight = (changes: object = {}) => ({
    flight: 'FRA:LH400',
    scheduledDeparture: '2026-11-20T09:55:00Z',
    scheduledArrival: '2026-11-20T18:40:00Z',
    actualArrival: '2026-11-20T19:27:30Z',
    status: 'arrived',
    arrivalDelay: { value: 47, unitCode: 'MIN' },
    ...changes,
  });
  const question = {
    subject: 'FRA:LH400',
    windowStart: seconds('2026-11-20T08:00:00Z'),
    windowEnd: seconds('2026-11-20T22:00:00Z'),
    decimals: 0,
  };
  const read = (...flights: object[]) =>
    readFlightStatus(bytes({ updatedAt: '2026-11-20T22:05:00Z', flights }), question);
  const flying = { actualArrival: null, arrivalDelay: null };

  it('takes whole minutes by which it arrived late, below zero when early', () => {
    expect(read(flight(), flight({ flight: 'FRA:LH402' }))).to.deep.equal({
      units: 47n,
      observedAt: seconds('2026-11-20T22:05:00Z'),
    });
    const early = { actualArrival: '2026-11-20T18:32:00Z', arrivalDelay: { value: -8, unitCode: 'MIN' } };
    expect(read(flight(early)).units).to.equal(-8n);
  });

  it('says nothing final of one that is in the air', () =>
    expect(read(flight({ status: 'departed', ...flying })).units).to.equal(undefined));

  for (const status of ['cancelled', 'diverted'])
    it(`counts one that was ${status} as later than any other`, () =>
      expect(read(flight({ status, ...flying })).units).to.equal(CANCELLED_MINUTES));

  for (const [what, flights, code] of [
    [
      'no such flight in the window',
      [flight({ scheduledDeparture: '2026-11-19T09:55:00Z' })],
      'source_window_missing',
    ],
    ['two in the window', [flight(), flight()], 'source_duplicate_window'],
    ['hours', [flight({ arrivalDelay: { value: 0.78, unitCode: 'HUR' } })], 'source_wrong_unit'],
    [
      'a delay that the times do not say',
      [flight({ arrivalDelay: { value: 200, unitCode: 'MIN' } })],
      'source_garbage',
    ],
    ['an arrival without its time', [flight({ actualArrival: null })], 'source_garbage'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read(...flights))).to.equal(code));
});

describe('oracle sources: observations of a weather station (station-observations)', () => {
  const hour = (timestamp: string, value: number | null, unitCode = 'wmoUnit:mm') => ({
    type: 'Feature',
    geometry: null,
    properties: { stationIdentifier: 'ZSPD', timestamp, precipitationLastHour: { unitCode, value } },
  });
  const question = {
    subject: 'ZSPD',
    windowStart: seconds('2026-11-20T00:00:00Z'),
    windowEnd: seconds('2026-11-20T03:00:00Z'),
    decimals: 1,
  };
  const three = [
    hour('2026-11-20T01:00:00Z', 0.4),
    hour('2026-11-20T02:00:00Z', 0),
    hour('2026-11-20T03:00:00Z', 12.3),
  ];
  const read = (features: object[], over: object = {}) =>
    readStationObservations(bytes({ type: 'FeatureCollection', features }), { ...question, ...over });

  it('adds up the hours that end within the window, without a rounding error', () => {
    const around = [hour('2026-11-20T00:00:00Z', 99), ...three, hour('2026-11-20T04:00:00Z', 99)];
    expect(read(around)).to.deep.equal({ units: 127n, observedAt: seconds('2026-11-20T04:00:00Z') });
  });

  it('says nothing final while an hour is missing or has no value', () => {
    expect(read(three.slice(1)).units).to.equal(undefined);
    expect(read([...three.slice(1), hour('2026-11-20T01:00:00Z', null)]).units).to.equal(undefined);
  });

  it('waits for each hour that ends within the window, and for no other, where the window begins and ends between hours', () => {
    const windowStart = seconds('2026-11-20T00:30:00Z');
    const untilThree = { windowStart, windowEnd: seconds('2026-11-20T03:15:00Z') };
    expect(read(three.slice(0, 2), untilThree).units).to.equal(undefined);
    expect(read(three, untilThree).units).to.equal(127n);
    const untilTwo = { windowStart, windowEnd: seconds('2026-11-20T02:29:59Z') };
    expect(read(three, untilTwo).units).to.equal(4n);
    expect(read(three.slice(0, 1), untilTwo).units).to.equal(undefined);
    const noHour = { windowStart, windowEnd: seconds('2026-11-20T00:59:59Z') };
    expect(read(three, noHour).units).to.equal(undefined);
  });

  it('takes hours that end at another minute, as stations have them, and none that overlap', () => {
    const at = ['00:53', '01:53', '02:53'].map((time) => hour(`2026-11-20T${time}:00Z`, 1));
    expect(read(at).units).to.equal(30n);
    expect(read([...at, hour('2026-11-20T01:20:00Z', 9)]).units).to.equal(undefined);
    expect(read([at[0] as object, hour('2026-11-20T01:20:00Z', 9), at[2] as object]).units).to.equal(
      undefined,
    );
  });

  for (const [what, features, code] of [
    ['metres', [...three.slice(1), hour('2026-11-20T01:00:00Z', 0.0004, 'wmoUnit:m')], 'source_wrong_unit'],
    ['an hour twice', [...three, hour('2026-11-20T01:00:00+00:00', 0.4)], 'source_duplicate_window'],
    ['less than no rain', [hour('2026-11-20T01:00:00Z', -1)], 'source_garbage'],
    ['nothing of the station', [], 'source_window_missing'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read([...features]))).to.equal(code));
});

describe('oracle sources: rates hour by hour (rate-history)', () => {
  const rate = (time: string, usd: unknown, changes: object = {}) => ({
    base: 'USDC',
    timestamp: seconds(`2026-11-20T${time}:00Z`),
    rates: { USD: usd },
    ...changes,
  });
  const question = {
    subject: 'USDC/USD',
    windowStart: seconds('2026-11-20T00:00:00Z'),
    windowEnd: seconds('2026-11-20T03:00:00Z'),
    decimals: 4,
  };
  const three = [rate('01:00', 0.9998), rate('02:00', '0.87894'), rate('03:00', 0.95)];
  const read = (list: unknown, over: object = {}) => readRateHistory(bytes(list), { ...question, ...over });

  it('takes the lowest of the hours that end within the window, in whatever order they stand', () => {
    const around = [rate('00:00', 0.5), ...three, rate('04:00', 0.6)].reverse();
    expect(read(around)).to.deep.equal({ units: 8_789n, observedAt: seconds('2026-11-20T04:00:00Z') });
  });

  it('says nothing final while an hour is missing', () => {
    for (const missing of [0, 1, 2])
      expect(read(three.filter((_, at) => at !== missing)).units, String(missing)).to.equal(undefined);
    expect(read([rate('07:00', 1)]).units).to.equal(undefined);
  });

  for (const [what, list, code] of [
    ['rates of another base', [...three, rate('04:00', 1, { base: 'EUR' })], 'source_wrong_unit'],
    ['no rate in the currency', [rate('01:00', 1, { rates: { EUR: 1 } })], 'source_wrong_unit'],
    ['an hour twice', [...three, rate('02:00', 0.87894)], 'source_duplicate_window'],
    ['a rate of zero', [...three.slice(1), rate('01:00', 0)], 'source_garbage'],
    ['one answer in place of a list', rate('01:00', 1), 'source_garbage'],
    ['nothing', [], 'source_window_missing'],
  ] as const)
    it(`refuses ${what}: ${code}`, () => expect(refusalOf(() => read(list))).to.equal(code));

  it('refuses a subject that is no pair', () => {
    for (const subject of ['USDC', 'USDC/', '/USD', 'USDC/USD/EUR'])
      expect(refusalOf(() => read(three, { subject }))).to.equal('source_window_missing');
  });
});

describe('oracle sources: events of a shipment (shipment-events)', () => {
  const SSCC = '095201234567891235';
  const event = (eventTime: string, changes: object = {}) => ({
    type: 'ObjectEvent',
    eventID: `urn:uuid:${eventTime}`,
    eventTime,
    eventTimeZoneOffset: '+00:00',
    epcList: [`urn:epc:id:sscc:${SSCC}`],
    action: 'OBSERVE',
    bizStep: 'receiving',
    ...changes,
  });
  const question = {
    subject: SSCC,
    windowStart: seconds('2026-11-20T06:00:00Z'),
    windowEnd: seconds('2026-11-22T06:00:00Z'),
    decimals: 0,
  };
  const read = (eventList: object[], creationDate = '2026-11-22T07:00:00Z', changes: object = {}) =>
    readShipmentEvents(
      bytes({
        type: 'EPCISDocument',
        schemaVersion: '2.0',
        creationDate,
        epcisBody: { eventList },
        ...changes,
      }),
      question,
    ).units;

  it('takes the minutes from the agreed time to the first receipt', () => {
    expect(read([event('2026-11-21T07:30:00Z'), event('2026-11-21T09:00:00Z')])).to.equal(25n * 60n + 30n);
    expect(
      read([event('2026-11-20T05:00:00Z', { bizStep: 'urn:epcglobal:cbv:bizstep:receiving' })]),
    ).to.equal(-60n);
  });

  it('counts what was not received until the end of the window as late as the window is long', () => {
    expect(read([event('2026-11-21T07:30:00Z', { bizStep: 'departing' })])).to.equal(48n * 60n);
    expect(read([event('2026-11-22T06:30:00Z')])).to.equal(48n * 60n);
  });

  it('says nothing final before', () => expect(read([], '2026-11-21T07:00:00Z')).to.equal(undefined));

  it('passes over an event that was declared an error, and those of other shipments', () => {
    const wrong = event('2026-11-20T06:10:00Z');
    const declared = { ...wrong, errorDeclaration: { declarationTime: '2026-11-20T07:00:00Z' } };
    const other = event('2026-11-20T06:20:00Z', { epcList: ['urn:epc:id:sscc:1'] });
    expect(read([wrong, declared, other, event('2026-11-20T08:00:00Z')])).to.equal(120n);
  });

  it('refuses another version, an event of the future, and one with two times', () => {
    expect(refusalOf(() => read([], undefined, { schemaVersion: '1.2' }))).to.equal('source_garbage');
    expect(refusalOf(() => read([event('2026-11-23T08:00:00Z')]))).to.equal('source_future');
    const twice = [event('2026-11-20T08:00:00Z'), event('2026-11-20T09:00:00Z')].map((one) => ({
      ...one,
      eventID: 'a',
    }));
    expect(refusalOf(() => read(twice))).to.equal('source_duplicate_window');
  });
});

describe('oracle sources: rubbish', () => {
  const question = { subject: 'FRA:LH400', windowStart: 0, windowEnd: 86_400, decimals: 2 };
  const readers: Record<string, (input: Uint8Array) => { units: bigint | undefined; observedAt: number }> = {
    'fx-rates': (input) => readFxRates(input, EUR_USD),
    'fx-pairs': (input) => readFxPairs(input, EUR_USD),
    'ecb-rates': (input) => readEcbRates(input, EUR_USD),
    'bank-balance': (input) => readBankBalance(input, { account: 'A', currency: 'USD', decimals: 2 }),
    'flight-status': (input) => readFlightStatus(input, question),
    'station-observations': (input) => readStationObservations(input, question),
    'shipment-events': (input) => readShipmentEvents(input, question),
    'rate-history': (input) => readRateHistory(input, { ...question, subject: 'EUR/USD' }),
  };
  /** Words of the formats, so that the rubbish gets further than the first member. */
  const word = fc.constantFrom(
    'base',
    'timestamp',
    'rates',
    'USD',
    'EUR',
    'pair',
    'bid',
    'ask',
    'time',
    'EUR/USD',
    'flights',
    'updatedAt',
    'flight',
    'FRA:LH400',
    'status',
    'arrived',
    'features',
    'type',
    'FeatureCollection',
    'Feature',
    'properties',
    'EPCISDocument',
    '2.0',
    'epcisBody',
    'eventList',
    'creationDate',
    '2026-11-20T16:00:00Z',
    '__proto__',
    'constructor',
    '1e99',
    '-0',
  );
  const leaf = fc.oneof(
    word,
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt().map(String),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(word, fc.string()), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const rubbish = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    tree.map((value) => bytes(JSON.stringify(value) ?? '')),
    fc
      .string()
      .map((text) =>
        bytes(
          `<Envelope><Cube><Cube time='${text}'><Cube currency='USD' rate='${text}'/></Cube></Cube></Envelope>`,
        ),
      ),
  );

  for (const [format, read] of Object.entries(readers))
    it(`${format} reads it or refuses it by a code, and never throws anything else`, () => {
      fc.assert(
        fc.property(rubbish, (input) => {
          try {
            const { units, observedAt } = read(input);
            expect(units === undefined || typeof units === 'bigint').to.equal(true);
            expect(Number.isSafeInteger(observedAt)).to.equal(true);
          } catch (error) {
            if (!(error instanceof SourceRefused)) throw error;
            expect(refusalCodes).to.include(error.code);
          }
        }),
        { numRuns: 1_000 },
      );
    });

  it('a document with one byte changed is read as something, or refused by a code', () => {
    const document = bytes(
      '{"updatedAt":"2026-11-20T22:05:00Z","flights":[{"flight":"FRA:LH400","scheduledDeparture":"1970-01-01T09:55:00Z",' +
        '"scheduledArrival":"1970-01-01T18:40:00Z","actualArrival":"1970-01-01T19:27:30Z","status":"arrived",' +
        '"arrivalDelay":{"value":47,"unitCode":"MIN"}}]}',
    );
    fc.assert(
      fc.property(fc.nat(document.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(document);
        changed[at] = byte;
        const code = refusalOf(() => readers['flight-status']?.(changed));
        expect(['none', ...refusalCodes]).to.include(code);
      }),
      { numRuns: 2_000 },
    );
  });
});
