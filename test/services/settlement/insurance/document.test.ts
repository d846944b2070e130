/** The cover note: what it says, how its lines break, and that the PDF is a PDF with its own fonts. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect } from 'chai';
import { localProductsFile } from '../../../../scripts/deploy/localProducts.ts';
import { type CoverProduct, productsSchema } from '../../../../services/core/insurance/product.ts';
import {
  coverNoteOf,
  type IssuedPolicy,
} from '../../../../services/settlement/domains/insurance/document/coverNote.ts';
import { fontOf } from '../../../../services/settlement/domains/insurance/document/fonts.ts';
import { breakLines } from '../../../../services/settlement/domains/insurance/document/lines.ts';
import { writePdf } from '../../../../services/settlement/domains/insurance/document/pdf.ts';

const { products } = productsSchema.parse(JSON.parse(readFileSync(localProductsFile, 'utf8')));
const address = '0x8A791620dd6260079BF849Dc5567aDC3F2FdC318';
const contracts = {
  chainId: 31_337,
  parametricCover: address,
  oracleHub: address,
  coverPool: address,
} as never;
const at = new Date('2026-11-21T12:00:00Z');

function policyOf({ subject }: CoverProduct): IssuedPolicy {
  return {
    id: 'pol_019a9e1c3f0072d8b4c1d2e3f4a5b6c7',
    policy_number: 17n,
    risk_number: 4n,
    reference: '集装箱 4711 龍騰 Ω',
    holder: '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc',
    buyer: '0x90f79bf6eb2c4f870365e785982e1f101e93b906',
    subject: subject.example,
    window_start: 1_795_600_000n,
    window_end: 1_795_614_400n,
    sale_closes_at: 1_795_513_600n,
    insured_units: 500_000_000n,
    premium_units: 29_251_234n,
    capital_charge_units: 1_234n,
    issued_transaction: `0x${'ab'.repeat(32)}`,
  } as IssuedPolicy;
}

describe('insurance: cover note', () => {
  for (const product of products)
    for (const language of ['en', 'zh'] as const)
      it(`says all of ${product.id} in ${language}, as a PDF with fonts of its own`, async () => {
        const note = coverNoteOf(policyOf(product), product, contracts, 'Nordbank AG', language);
        const text = JSON.stringify(note);
        for (const part of [
          '17',
          'Nordbank AG',
          '500.00 USD',
          address,
          product.words[language].event,
          '4711',
        ])
          expect(text).to.include(part);
        expect(text).not.to.match(/undefined|null|\[object/);
        expect(note.tiers.rows.map(([, percent]) => percent)).to.deep.equal(
          product.tiers.map(({ payoutBps }) => `${(Number(payoutBps) / 100).toFixed(2)} %`),
        );
        const pdf = await writePdf(note, at);
        const bytes = pdf.toString('latin1');
        expect(bytes.slice(0, 5)).to.equal('%PDF-');
        expect(bytes.trimEnd().endsWith('%%EOF')).to.equal(true);
        expect(bytes).to.include('/FontFile2');
        expect(bytes).not.to.include('/BaseFont /Helvetica');
        const again = await writePdf(note, at);
        expect(createHash('sha256').update(again).digest('hex')).to.equal(
          createHash('sha256').update(pdf).digest('hex'),
        );
      });

  it('tries a font again that could not be read', async () => {
    const failed = fontOf('none', 400);
    const error = await failed.catch((cause: unknown) => cause);
    expect(error).to.have.property('code', 'ENOENT');
    const again = fontOf('none', 400);
    expect(again).not.to.equal(failed);
    expect(await again.catch((cause: unknown) => cause)).to.have.property('code', 'ENOENT');
  });

  it('can be read back: every Chinese character has its way to text', async () => {
    const product = products[0] as CoverProduct;
    const pdf = await writePdf(coverNoteOf(policyOf(product), product, contracts, 'N', 'zh'), at);
    const maps = streamsOf(pdf).filter((stream) => stream.includes('beginbfrange'));
    const characters = maps.join('').toLowerCase();
    for (const character of '承保通知书航班延误险')
      expect(characters, character).to.include((character.codePointAt(0) ?? 0).toString(16));
  });

  it('breaks Latin between words and Chinese between characters, with punctuation where it may stand', () => {
    const widthOf = (text: string) =>
      [...text].reduce((sum, one) => sum + ((one.codePointAt(0) ?? 0) > 0x2fff ? 2 : 1), 0);
    for (const [text, width, lines] of [
      ['the flight is late', 10, ['the flight', 'is late']],
      ['如到时仍无观测值，退还。', 16, ['如到时仍无观测', '值，退还。']],
      ['费用（不含）', 6, ['费用', '（不', '含）']],
      ['0123456789abcdef', 6, ['012345', '6789ab', 'cdef']],
      ['', 10, []],
    ] as const)
      expect(breakLines(text, width, widthOf), text).to.deep.equal(lines);
  });
});

function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/stream\r?\n/g)].flatMap(({ index, 0: mark }) => {
    const start = index + mark.length;
    try {
      return inflateSync(pdf.subarray(start, text.indexOf('endstream', start))).toString('latin1');
    } catch {
      return []; // of a font, or of nothing that is deflated
    }
  });
}
