/** Tells other commands (trace, partner, verify:ledger, a second start) of the `npm start` that runs with a data folder. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Running {
  pid: number;
  /** All are there once the services start. */
  databaseUrl?: string;
  settlementUrl?: string;
  rpcUrl?: string;
  deploymentFile?: string;
}

/** Readable by this user only: the database's password is in it. */
export function writeRunning(folder: string, running: Omit<Running, 'pid'>): void {
  writeFileSync(fileOf(folder), JSON.stringify({ pid: process.pid, ...running }), { mode: 0o600 });
}

export function forgetRunning(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}

/** @returns undefined when none runs; the file that a killed one left does not count. */
export function readRunning(folder: string): Running | undefined {
  if (!existsSync(fileOf(folder))) return undefined;
  const running = JSON.parse(readFileSync(fileOf(folder), 'utf8')) as Running;
  return isStart(running.pid) ? running : undefined;
}

function fileOf(folder: string): string {
  return path.join(folder, 'running.json');
}

/** Process ids are used again, so where the system tells, the command counts too. */
function isStart(pid: number): boolean {
  if (existsSync('/proc/self/cmdline')) {
    const commandLine = `/proc/${pid}/cmdline`;
    return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('scripts/start.ts');
  }
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
