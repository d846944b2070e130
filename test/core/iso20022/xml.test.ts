import { expect } from 'chai';
import { parsePain001 } from '../../../services/core/iso20022/pain001.ts';
import { readXml, XmlRefused, xmlLimits } from '../../../services/core/iso20022/xml.ts';
import { fileWith, paymentFile } from './paymentFile.ts';

const refusal = (source: string | Uint8Array): string => {
  try {
    readXml(source);
  } catch (error) {
    if (error instanceof XmlRefused) return error.error.code;
    throw error;
  }
  return 'accepted';
};
const bytes = (text: string) => new TextEncoder().encode(text);
const fileErrors = (source: string | Uint8Array) => {
  const result = parsePain001(source);
  return result.ok ? [] : result.errors.map(({ code }) => code);
};

describe('an XML file', () => {
  describe('given an attack on the parser', () => {
    it('refuses a DOCTYPE, whatever stands in it', () => {
      const billionLaughs = `<!DOCTYPE a [<!ENTITY l0 "lol">${Array.from(
        { length: 9 },
        (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
      ).join('')}]><a>&l9;</a>`;
      for (const source of [
        '<!DOCTYPE a><a/>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a PUBLIC "-//X//Y" "http://127.0.0.1/x.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]><a/>',
        billionLaughs,
      ]) {
        expect(refusal(source), source.slice(0, 60)).to.equal('xml_doctype');
      }
      expect(refusal('<!doctype a><a/>')).to.equal('xml_malformed');
    });

    it('knows no entity besides the five of XML', () => {
      expect(refusal('<a>&eacute;</a>')).to.equal('xml_malformed');
      expect(refusal('<a b="&x;"/>')).to.equal('xml_malformed');
      expect(readXml('<a>&lt;&gt;&amp;&quot;&apos;&#233;</a>').text).to.equal('<>&"\'é');
    });

    it('refuses nesting past the limit before it costs a stack', () => {
      const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
      expect(refusal(nested(xmlLimits.depth))).to.equal('accepted');
      expect(refusal(nested(xmlLimits.depth + 1))).to.equal('xml_too_deep');
      expect(refusal('<a>'.repeat(1_000_000))).to.equal('xml_too_deep');
    });

    it('refuses too many bytes and too many elements', () => {
      expect(refusal(new Uint8Array(xmlLimits.bytes + 1))).to.equal('xml_too_large');
      expect(refusal(' '.repeat(xmlLimits.bytes + 1))).to.equal('xml_too_large');
      expect(refusal(`<a>${'<b/>'.repeat(xmlLimits.elements)}</a>`)).to.equal('xml_too_large');
    });

    it('refuses more attributes on one element than any message has', () => {
      const attributes = Array.from(
        { length: xmlLimits.attributesPerElement + 1 },
        (_, n) => ` a${n}=""`,
      ).join('');
      expect(refusal(`<a${attributes}/>`)).to.equal('xml_too_large');
    });

    it('takes a huge text as what it is, a value that is too long', () => {
      expect(fileErrors(fileWith(['FILE-1', 'x'.repeat(5_000_000)]))).to.deep.equal(['value_length']);
    });
  });

  describe('given an encoding', () => {
    it('takes UTF-8, with or without mark and declaration', () => {
      for (const source of [
        bytes('<a>é</a>'),
        bytes('\uFEFF<a>é</a>'),
        '<?xml version="1.0" encoding="utf-8"?><a>é</a>',
      ]) {
        expect(readXml(source).text).to.equal('é');
      }
    });

    it('refuses any other, declared or not', () => {
      expect(refusal('<?xml version="1.0" encoding="ISO-8859-1"?><a/>')).to.equal('xml_encoding');
      expect(refusal('<?xml version="1.0" encoding="UTF-16"?><a/>')).to.equal('xml_encoding');
      expect(refusal('<?xml version="1.0" encoding="UTF-7"?><a/>')).to.equal('xml_encoding');
      expect(refusal(new Uint8Array([0xff, 0xfe, 0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e, 0]))).to.equal(
        'xml_encoding',
      );
      expect(refusal(new Uint8Array([0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e, 0]))).to.equal('xml_malformed');
      expect(refusal(new Uint8Array([...bytes('<a>'), 0xe9, ...bytes('</a>')]))).to.equal('xml_encoding');
      expect(refusal(new Uint8Array([...bytes('<a>'), 0xc0, 0xbc, ...bytes('</a>')])), 'overlong').to.equal(
        'xml_encoding',
      );
      expect(refusal('<a>\uD800</a>')).to.equal('xml_encoding');
    });

    it('refuses another version of XML', () => {
      expect(refusal('<?xml version="1.1"?><a/>')).to.equal('xml_malformed');
    });
  });

  it('refuses characters that XML does not have, written or referred to', () => {
    for (const source of [
      '<a>\0</a>',
      '<a>\u0001</a>',
      '<a>&#0;</a>',
      '<a>&#x1F;</a>',
      '<a>\uFFFE</a>',
      '<a b="\u0008"/>',
    ]) {
      expect(refusal(source), JSON.stringify(source)).to.equal('xml_malformed');
    }
  });

  it('refuses what is not well-formed, and says on which line', () => {
    for (const source of [
      '',
      ' ',
      'text',
      '<a>',
      '<a></b>',
      '<a/><b/>',
      '<a b="1" b="2"/>',
      '<a b=1/>',
      '<p:a/>',
      '<a>]]></a>',
    ]) {
      expect(refusal(source), source).to.equal('xml_malformed');
    }
    const result = parsePain001('<a>\n<b>\n</a>');
    expect(result.ok || result.errors[0]?.line).to.equal(3);
  });

  it('sees through comments, CDATA, character references and prefixes', () => {
    const file = fileWith(
      ['>10.05<', '>10<!-- . -->.<![CDATA[0]]>&#x35;<?x?><'],
      ['<GrpHdr>', '<p:GrpHdr xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">'],
      ['</GrpHdr>', '</p:GrpHdr>'],
    );
    const result = parsePain001(file);
    expect(result.ok && result.value.paymentInformations[0]?.instructions[0]?.amount.value).to.equal('10.05');
    expect(parsePain001(paymentFile)).to.have.property('ok', true);
  });

  it('is not fooled by namespaces', () => {
    expect(fileErrors(paymentFile.replaceAll('pain.001.001.09', 'pain.001.001.03'))).to.deep.equal([
      'message_unknown',
    ]);
    expect(fileErrors(paymentFile.replace(/ xmlns="[^"]*"/, ''))).to.deep.equal(['message_unknown']);
    expect(fileErrors(fileWith(['<Amt>', '<Amt xmlns="urn:other">']))).to.deep.equal([
      'element_missing',
      'element_not_allowed',
    ]);
    expect(fileErrors(fileWith(['Ccy="USD"', 'Ccy="USD" x:Ccy="EUR" xmlns:x="urn:x"']))).to.deep.equal([
      'attribute_not_allowed',
    ]);
    const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    expect(fileErrors(fileWith(['<GrpHdr>', `<GrpHdr ${xsi} xsi:type="GroupHeader85">`]))).to.deep.equal([
      'xsi_type',
    ]);
    expect(fileErrors(fileWith(['<GrpHdr>', `<GrpHdr ${xsi} xsi:nil="true">`]))).to.deep.equal([
      'attribute_not_allowed',
    ]);
    expect(
      fileErrors(fileWith(['<Document', `<Document ${xsi} xsi:schemaLocation="urn:x x.xsd"`])),
    ).to.deep.equal([]);
  });
});
