/** A cover note as PDF, on A4. The same note is always the same bytes. */
import PDFDocument from 'pdfkit';
import type { CoverNote } from './coverNote.ts';
import { fontOf, LATIN, partOf, type Weight } from './fonts.ts';
import { breakLines } from './lines.ts';

const MARGIN = 54;
const PAGE_WIDTH = 595.28;
const PAGE_HEIGHT = 841.89;
const WIDTH = PAGE_WIDTH - 2 * MARGIN;
const NAME_WIDTH = 130;
const INK = '#16202c';
const QUIET = '#5b6875';
const RULE = '#c9d1d9';
/** Stands for a character that the font does not have. */
const MISSING = '?';

interface Style {
  size: number;
  weight?: Weight;
  color?: string;
}

/** @param issuedAt When the policy became what the note says. */
export async function writePdf(note: CoverNote, issuedAt: Date): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    info: { Title: note.subtitle, Author: 'Corridor', CreationDate: issuedAt, ModDate: issuedAt },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', resolve);
    document.on('error', reject);
  });
  await registerFonts(document, note);
  draw(document, note);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

/** The parts of the font that the note needs, by the names that `runsOf` gives. */
async function registerFonts(document: PDFKit.PDFDocument, note: CoverNote): Promise<void> {
  const needed = new Set<string>();
  for (const character of new Set(JSON.stringify(note)))
    for (const weight of [400, 700] as const) needed.add(`${partOf(character) ?? LATIN} ${weight}`);
  for (const name of needed) {
    const [part = '', weight] = name.split(' ');
    document.registerFont(name, await fontOf(part, Number(weight) as Weight));
  }
}

function draw(document: PDFKit.PDFDocument, note: CoverNote): void {
  let y = MARGIN;
  const widthOf = (text: string, { size, weight = 400 }: Style) =>
    runsOf(text, weight).reduce(
      (sum, run) => sum + document.font(run.font).fontSize(size).widthOfString(run.text),
      0,
    );
  const line = (text: string, x: number, at: number, style: Style) => {
    let right = x;
    for (const run of runsOf(text, style.weight ?? 400)) {
      document
        .font(run.font)
        .fontSize(style.size)
        .fillColor(style.color ?? INK);
      document.text(run.text, right, at, { lineBreak: false });
      right += document.widthOfString(run.text);
    }
  };
  /** @returns how high it is */
  const paragraph = (text: string, x: number, width: number, style: Style): number => {
    const lines = breakLines(text, width, (part) => widthOf(part, style));
    const height = style.size * 1.5;
    lines.forEach((each, index) => {
      line(each, x, y + index * height, style);
    });
    return lines.length * height;
  };
  const heading = (text: string) => {
    y += 12;
    room(60);
    line(text, MARGIN, y, { size: 11, weight: 700 });
    y += 19;
    rule();
    y += 6;
  };
  const rule = () => {
    document
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + WIDTH, y)
      .lineWidth(0.6)
      .strokeColor(RULE)
      .stroke();
  };
  const room = (height: number) => {
    if (y + height < PAGE_HEIGHT - MARGIN) return;
    document.addPage();
    y = MARGIN;
  };

  line(note.title, MARGIN, y, { size: 20, weight: 700 });
  y += 30;
  line(note.subtitle, MARGIN, y, { size: 11, color: QUIET });
  y += 14;
  for (const { heading: text, rows } of note.sections) {
    heading(text);
    for (const [name, value] of rows) {
      room(40);
      const height = paragraph(value, MARGIN + NAME_WIDTH, WIDTH - NAME_WIDTH, { size: 9 });
      y += Math.max(height, paragraph(name, MARGIN, NAME_WIDTH - 10, { size: 9, color: QUIET }));
    }
  }
  heading(note.tiers.heading);
  const columns = [MARGIN, MARGIN + WIDTH * 0.5, MARGIN + WIDTH * 0.75];
  for (const [index, cells] of [note.tiers.columns, ...note.tiers.rows].entries()) {
    room(20);
    cells.forEach((cell, at) => {
      line(cell, columns[at] ?? MARGIN, y, { size: 9, ...(index === 0 && { color: QUIET }) });
    });
    y += 15;
  }
  for (const { heading: text, paragraphs } of note.notes) {
    heading(text);
    for (const each of paragraphs) {
      room(40);
      y += paragraph(each, MARGIN, WIDTH, { size: 9 }) + 2;
    }
  }
  room(40);
  y += 8;
  rule();
  y += 6;
  paragraph(note.footer, MARGIN, WIDTH, { size: 8, color: QUIET });
}

/** A text in pieces of one font each. */
function runsOf(text: string, weight: Weight): { text: string; font: string }[] {
  const runs: { text: string; font: string }[] = [];
  for (const character of text) {
    const part = partOf(character);
    const [font, shown] = [`${part ?? LATIN} ${weight}`, part ? character : MISSING];
    const last = runs.at(-1);
    if (last?.font === font) last.text += shown;
    else runs.push({ text: shown, font });
  }
  return runs;
}
