/** Runs test files in this process, again and again, each time against the code that it is told. */

import path from 'node:path';
import hre from 'hardhat';
import type { NetworkConnection } from 'hardhat/types/network';
import Mocha from 'mocha';
import { root } from '../command.ts';
import type { Bytecodes, Target } from './compiler.ts';
import { pathOf } from './project.ts';

/** A file of tests, and how long one of them may take. */
export interface TestFile {
  file: string;
  testLimitMs: number;
}

export interface SuiteResult {
  /** The first test that failed, or did not end in its time. */
  failure?: { file: string; title: string; timedOut: boolean };
  /** The contracts that the tests asked for. */
  deployed: Target[];
}

interface Artifact extends Bytecodes {
  contractName: string;
  inputSourceName?: string;
}

/** @types/mocha does not know the option. */
interface AgainMocha extends Mocha {
  loadFilesAsync(options?: { esmDecorator(url: URL | string): string }): Promise<void>;
}

let replaced = new Map<string, Bytecodes>();
const deployed = new Map<string, Target>();
const open = new Set<NetworkConnection>();
let runs = 0;

const readArtifact = hre.artifacts.readArtifact.bind(hre.artifacts) as (name: string) => Promise<Artifact>;
Object.assign(hre.artifacts, {
  async readArtifact(name: string): Promise<Artifact> {
    const artifact = await readArtifact(name);
    const target = { source: artifact.inputSourceName ?? '', name: artifact.contractName };
    deployed.set(keyOf(target), target);
    return { ...artifact, ...replaced.get(keyOf(target)) };
  },
});
hre.hooks.registerHandlers('network', {
  async newConnection(context, next) {
    const connection = await next(context);
    open.add(connection as NetworkConnection);
    return connection;
  },
});
// As under `hardhat test`: a promise that a test had not awaited yet when another one failed is no failure of its own.
process.on('unhandledRejection', () => undefined);

/** The code of a contract as it was built. */
export async function builtCode({ source, name }: Target): Promise<string> {
  return (await readArtifact(`${pathOf(source)}:${name}`)).bytecode;
}

/** Runs the files in turn up to the first failure. The contracts in `code` take the place of the built ones. */
export async function runSuite(
  files: readonly TestFile[],
  code: readonly (Target & Bytecodes)[],
): Promise<SuiteResult> {
  replaced = new Map(code.map((one) => [keyOf(one), one]));
  deployed.clear();
  for (const file of files) {
    const failure = await runFile(file);
    if (failure) return { failure, deployed: [...deployed.values()] };
  }
  return { deployed: [...deployed.values()] };
}

async function runFile({ file, testLimitMs }: TestFile): Promise<SuiteResult['failure']> {
  const mocha: AgainMocha = new Mocha({
    ...hre.config.test.mocha,
    timeout: testLimitMs,
    bail: true,
    reporter: Mocha.reporters.Base,
  });
  mocha.addFile(path.join(root, file));
  runs++;
  try {
    // Modules are read once a process; another query makes them others, with a chain of their own.
    await mocha.loadFilesAsync({ esmDecorator: (url) => `${url}?run=${runs}` });
  } catch (error) {
    const title = `does not load: ${error instanceof Error ? error.message : String(error)}`;
    return { file, title, timedOut: false };
  }
  try {
    return await new Promise((resolve) => {
      let failure: SuiteResult['failure'];
      const runner = mocha.run(() => resolve(failure));
      runner.on('fail', (test, error: Error & { code?: string }) => {
        failure ??= { file, title: test.fullTitle(), timedOut: error.code === 'ERR_MOCHA_TIMEOUT' };
      });
    });
  } finally {
    mocha.dispose();
    await Promise.all([...open].map((connection) => connection.close()));
    open.clear();
  }
}

function keyOf({ source, name }: Target): string {
  return `${source}:${name}`;
}
