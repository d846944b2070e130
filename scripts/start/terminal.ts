/** What `npm start` shows: on a terminal one line lives, elsewhere lines follow each other. */
import path from 'node:path';
import { styleText } from 'node:util';

const isTerminal = process.stdout.isTTY === true;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export const paint = {
  good: (text: string) => styled('green', text),
  bad: (text: string) => styled('red', text),
  quiet: (text: string) => styled('dim', text),
  strong: (text: string) => styled('bold', text),
  warn: (text: string) => styled('yellow', text),
};

function styled(format: 'green' | 'red' | 'dim' | 'bold' | 'yellow', text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Shows a step while it runs and, when it is done, how long it took. `work` may return a remark to show. */
export async function step(name: string, work: () => Promise<string | undefined>): Promise<void> {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const line = (mark: string, remark = '') =>
    `${mark} ${name.padEnd(42)} ${seconds().padStart(7)}  ${remark}`;
  let frame = 0;
  const timer = isTerminal
    ? setInterval(() => rewrite(line(FRAMES[frame++ % FRAMES.length] ?? '')), 100)
    : setInterval(() => say(line('.', 'still at it')), 10_000);
  try {
    const remark = await work();
    clearInterval(timer);
    rewrite(line(paint.good('✓'), remark && paint.quiet(remark)), '\n');
  } catch (error) {
    clearInterval(timer);
    rewrite(line(paint.bad('✗')), '\n');
    throw error;
  }
}

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** A path as a person wants it: from where they stand, unless that leads out and back. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** Replaces the line that the cursor stands in. */
function rewrite(text: string, end = ''): void {
  process.stdout.write(`${isTerminal ? '\r\u001b[2K' : ''}${text}${end}`);
}

/** A block of lines that is drawn again in its place; undefined where that cannot be done. */
export function createBlock(lineCount: number): ((lines: string[]) => void) | undefined {
  if (!isTerminal || lineCount >= process.stdout.rows) return undefined;
  let drawn = 0;
  return (lines) => {
    if (drawn > 0) process.stdout.write(`\u001b[${drawn}A`);
    for (const text of lines) process.stdout.write(`\u001b[2K${text}\n`);
    drawn = lines.length;
  };
}
