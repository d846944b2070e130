/**
 * Gas of Corridor beside its peers, whole transactions.
 *
 *   npm run bench:gas               prints a table and writes snapshot.json
 *   npm run bench:gas -- --json     prints {"operations":[{"name","gas","peer","peerGas"}]}
 *   npm run bench:gas -- --check    fails when a figure is not what snapshot.json says
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measure, type Operation } from './measure.ts';

const snapshotFile = path.join(import.meta.dirname, 'snapshot.json');
const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
});

const operations = await measure();
if (options.json) console.log(JSON.stringify({ operations }));
else console.table(Object.fromEntries(operations.map(row)));

const snapshot = `${JSON.stringify({ operations }, null, 2)}\n`;
if (!options.check && !options.json) await writeFile(snapshotFile, snapshot);
if (options.check && (await readFile(snapshotFile, 'utf8')) !== snapshot) {
  console.error(`The figures differ from ${path.relative('.', snapshotFile)}.`);
  console.error('If that is meant, run `npm run bench:gas` and commit the file.');
  process.exitCode = 1;
}

function row({ name, gas, peer, peerGas }: Operation) {
  const difference = `${(((gas - peerGas) / peerGas) * 100).toFixed(1)} %`;
  return [name, { gas, peer, peerGas, difference }] as const;
}
