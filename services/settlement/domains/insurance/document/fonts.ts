/**
 * Noto Sans SC for documents: every Latin and Chinese character, in the hundred parts in which the web has it. Of each only what a
 * document shows is embedded in it.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import subsetFont from 'subset-font';

const require = createRequire(import.meta.url);
const folder = path.dirname(require.resolve('@fontsource-variable/noto-sans-sc/package.json'));
export const LATIN = 'latin';

export type Weight = 400 | 700;

/** A part of the font, and what it has: `U+4e00-4e10,U+4e5f`. */
const parts = Object.entries(
  require('@fontsource-variable/noto-sans-sc/unicode.json') as Record<string, string>,
)
  .map(([key, ranges]) => ({ name: key.replace(/[[\]]/g, ''), ranges: rangesOf(ranges) }))
  // What several have is the Latin part's: a number is never set from two.
  .sort((a, b) => Number(b.name === LATIN) - Number(a.name === LATIN));

const fonts = new Map<string, Promise<Buffer>>();

const partsOfCharacters = new Map<string, string | undefined>();

/** The part that has a character; undefined when none has. */
export function partOf(character: string): string | undefined {
  if (partsOfCharacters.has(character)) return partsOfCharacters.get(character);
  const code = character.codePointAt(0) ?? 0;
  const part = parts.find(({ ranges }) => ranges.some(([first, last]) => code >= first && code <= last));
  partsOfCharacters.set(character, part?.name);
  return part?.name;
}

/** A part at one weight, as a TrueType font. One that could not be made is tried again when it is asked for. */
export function fontOf(part: string, weight: Weight): Promise<Buffer> {
  const key = `${part} ${weight}`;
  const known = fonts.get(key);
  if (known) return known;
  const font = instance(part, weight);
  fonts.set(key, font);
  font.catch(() => fonts.delete(key));
  return font;
}

async function instance(part: string, weight: Weight): Promise<Buffer> {
  const file = path.join(folder, 'files', `noto-sans-sc-${part}-wght-normal.woff2`);
  const ranges = parts.find(({ name }) => name === part)?.ranges ?? [];
  const all = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at)),
  );
  return subsetFont(await readFile(file), all.join(''), {
    targetFormat: 'truetype',
    variationAxes: { wght: weight },
  });
}

function rangesOf(text: string): [first: number, last: number][] {
  return text.split(',').map((range) => {
    const [first = '', last = first] = range.trim().replace('U+', '').split('-');
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}
