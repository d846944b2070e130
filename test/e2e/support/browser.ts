import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, chromium as launcher } from 'playwright-core';

const installed = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Runs as root and without a display; talks to nobody but the pages it is given. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chrome or Chromium of the machine where there is one, else the one from npm (Linux x64). */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = installed.find(isExecutable);
  const program = executablePath ? { executablePath } : await chromiumFromNpm();
  return launcher.launch({ ...program, args: flags, headless: true });
}

/**
 * Unpacks Chromium once, into a folder of this project: in the shared /tmp, where the package would put it, it may be
 * another user's, half-written or of an older version. Where the machine lacks libraries (NSS), the package's serve.
 */
async function chromiumFromNpm(): Promise<{ executablePath: string; env?: Record<string, string> }> {
  const packageFolder = path.resolve(import.meta.dirname, '../../../node_modules/@sparticuz/chromium');
  const { version } = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = path.resolve(import.meta.dirname, `../../../.corridor/chromium-${version}`);
  const executablePath = path.join(folder, 'chromium');
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    await mkdir(partial, { recursive: true });
    await unpackInto(partial, async () => {
      await chromium.executablePath();
      await inflate(path.join(packageFolder, 'bin/al2023.tar.br'));
    });
    await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => {
      await rm(partial, { recursive: true, force: true });
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  }
  if (await runs(executablePath)) return { executablePath };
  const env = {
    ...(process.env as Record<string, string>),
    LD_LIBRARY_PATH: path.join(folder, 'al2023/lib'),
    FONTCONFIG_PATH: path.join(folder, 'fonts'),
  };
  return { executablePath, env };
}

/** The package unpacks into the folder for temporary files, and takes no other. */
async function unpackInto(folder: string, unpack: () => Promise<void>): Promise<void> {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    await unpack();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** False when the loader lacks a library. */
function runs(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, ['--version'], { timeout: 10_000 }, (error) => resolve(error === null));
  });
}

function isExecutable(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not ours to run: the next one is tried
  }
}
