/**
 * Gas of Corridor beside its peers, whole transactions.
 *
 *   npm run bench:gas               prints a table and writes snapshot.json
 *   npm run bench:gas -- --json     prints {"operations":[{"name","gas","peer","peerGas"}]}: each operation once
 *   npm run bench:gas -- --check    fails when a figure is not what snapshot.json says
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readOptions, runCommandLine } from '../../scripts/cli.ts';
import { measure, type Operation } from './measure.ts';

const snapshotFile = path.join(import.meta.dirname, 'snapshot.json');

await runCommandLine(async () => {
  const options = readOptions('npm run bench:gas [-- --json | --check]', {
    json: { type: 'boolean' },
    check: { type: 'boolean' },
  });
  const { operations, furtherPeers } = await measure();
  if (options.json) console.log(JSON.stringify({ operations }));
  else console.table(inOrderOfName(operations, furtherPeers).map(row));

  const snapshot = `${JSON.stringify({ operations, furtherPeers }, null, 2)}\n`;
  if (!options.check && !options.json) await writeFile(snapshotFile, snapshot);
  if (options.check && (await readFile(snapshotFile, 'utf8')) !== snapshot) {
    console.error(`The figures differ from ${path.relative('.', snapshotFile)}.`);
    console.error('If that is meant, run `npm run bench:gas` and commit the file.');
    process.exitCode = 1;
  }
});

function inOrderOfName(operations: Operation[], furtherPeers: Operation[]): Operation[] {
  return operations.flatMap((operation) => [
    operation,
    ...furtherPeers.filter(({ name }) => name === operation.name),
  ]);
}

function row({ name, gas, peer, peerGas }: Operation) {
  const difference = peerGas === null ? '' : `${(((gas - peerGas) / peerGas) * 100).toFixed(1)} %`;
  return { name, gas, peer: peer ?? '', peerGas: peerGas ?? '', difference };
}
