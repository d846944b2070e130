import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseFeeds, readFeedsFile } from '../../../services/oracle/feedsFile.ts';
import { ConfigError } from '../../../services/platform/config.ts';

const EXAMPLE = 'examples/oracle-feeds.json';
// biome-ignore lint/suspicious/noExplicitAny: what is changed about it is wrong on purpose
const example = (): any => JSON.parse(readFileSync(EXAMPLE, 'utf8'));

function faultsOf(json: unknown): string {
  try {
    parseFeeds(json, 'the file');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('oracle: the feeds file', () => {
  it('takes the example', () =>
    expect(readFeedsFile(EXAMPLE).feeds.map(({ kind }) => kind)).to.deep.equal([
      'price',
      'price',
      'price',
      'price',
      'observation',
      'observation',
      'observation',
      'observation',
    ]));

  for (const [what, change, place] of [
    ['a feed twice', (file: ReturnType<typeof example>) => file.feeds.push(file.feeds[0]), 'a feed twice'],
    ['a source twice', (file) => file.feeds[0].sources.push(file.feeds[0].sources[0]), 'a source twice'],
    ['an unknown format', (file) => Object.assign(file.feeds[0].sources[0], { format: 'csv' }), 'format'],
    [
      'a window of a feed that is not there',
      (file) => Object.assign(file, { windows: [window('snow')] }),
      'snow',
    ],
    ['a window of a price', (file) => Object.assign(file, { windows: [window('EUR/USD')] }), 'EUR/USD'],
    ['a word that means nothing', (file) => Object.assign(file, { rounds: 5 }), 'rounds'],
    ['no deviation', (file) => Object.assign(file.feeds[0], { deviationBps: 0 }), 'deviationBps'],
    ['no address', (file) => Object.assign(file.feeds[0].sources[0], { url: 'ftp://x' }), 'https://'],
    ...[
      'http://rates.example/eur',
      'http://127.0.0.1.example/eur',
      'http://localhost@rates.example/',
      'http://10.0.0.1/',
    ].map((url) => [
      `what anybody on the way could change (${url})`,
      (file: ReturnType<typeof example>) => Object.assign(file.feeds[0].sources[0], { url }),
      'must start with https://',
    ]),
  ] as [string, (file: ReturnType<typeof example>) => unknown, string][])
    it(`refuses ${what}, and names the place`, () => {
      const file = example();
      change(file);
      expect(faultsOf(file)).to.include(place);
    });

  it('takes a source elsewhere by https, and one on this machine without', () => {
    for (const url of ['https://rates.example/eur', 'http://localhost:8082/eur', 'http://[::1]/eur']) {
      const file = example();
      file.feeds[0].sources[0].url = url;
      expect(faultsOf(file), url).to.equal('');
    }
  });

  it('refuses a file that is not there or no JSON', () => {
    expect(() => readFeedsFile('nowhere.json')).to.throw(ConfigError, 'ORACLE_FEEDS_FILE');
    expect(() => readFeedsFile('README.md')).to.throw(ConfigError, 'ORACLE_FEEDS_FILE');
  });
});

const window = (feed: string) => ({ feed, subject: 'x', windowStart: 0, windowEnd: 1 });
