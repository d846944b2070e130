/** Text in lines: Latin breaks between words, Chinese between characters, but never so that punctuation stands where it must not. */

/** Never begins a line (GB/T 15834). */
const CLOSING = /^[，。、；：？！）》」』】％%,.;:?!)\]”’]/u;
/** Never ends one. */
const OPENING = /[（《「『【(“‘]$/u;
const WORD =
  /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]|\s+|[^\s\p{Script=Han}\u3000-\u303f\uff00-\uffef]+/gu;

/**
 * Breaks a text into lines of at most `width`; a word that is wider than a line is broken where the line ends.
 * @param widthOf How wide a text is, in the unit of `width`.
 */
export function breakLines(text: string, width: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const unit of unitsOf(text)) {
    if (widthOf(line + unit.trimEnd()) <= width) {
      line += unit;
      continue;
    }
    if (line.trim()) lines.push(line.trimEnd());
    line = '';
    for (const character of unit.trimStart()) {
      if (widthOf(line + character) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  if (line.trim()) lines.push(line.trimEnd());
  return lines;
}

/** What stays together. */
function unitsOf(text: string): string[] {
  const units: string[] = [];
  for (const word of text.match(WORD) ?? []) {
    const last = units.at(-1);
    if (last !== undefined && (CLOSING.test(word) || OPENING.test(last)))
      units[units.length - 1] = last + word;
    else units.push(word);
  }
  return units;
}
