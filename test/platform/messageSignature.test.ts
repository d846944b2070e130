import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { compareContentDigest } from '../../services/platform/http/contentDigest.ts';
import {
  readMessageSignature,
  SignatureFormatError,
  verifyMessageSignature,
} from '../../services/platform/http/messageSignature.ts';

/** RFC 9421, appendix B.1.4 and B.2.6. */
const key = {
  algorithm: 'ed25519',
  publicKeyPem:
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n',
} as const;
const request = {
  method: 'POST',
  url: 'https://example.com/foo?param=Value&Pet=dog',
  headers: {
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-length': '18',
  },
};
const fields = {
  signatureInput:
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
  signature:
    'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
};

describe('platform: HTTP message signatures', () => {
  it('reads and verifies the Ed25519 example of RFC 9421', () => {
    const signature = readMessageSignature('sig-b26', fields);
    expect(signature).to.deep.include({ created: 1618884473, keyId: 'test-key-ed25519', nonce: undefined });
    expect(signature?.components).to.include.members(['date', '@authority']);
    if (!signature) return;
    expect(verifyMessageSignature(signature, request, key)).to.equal(true);
    expect(verifyMessageSignature(signature, { ...request, method: 'PUT' }, key)).to.equal(false);
    const headers = { ...request.headers, date: 'Tue, 20 Apr 2021 02:07:56 GMT' };
    expect(verifyMessageSignature(signature, { ...request, headers }, key)).to.equal(false);
  });

  it('does not take a covered header that is not there', () => {
    const signature = readMessageSignature('sig-b26', fields);
    if (!signature) throw new Error('not read');
    expect(() => verifyMessageSignature(signature, { ...request, headers: {} }, key)).to.throw(
      SignatureFormatError,
    );
  });

  it('finds no signature under another label, or without one of the two fields', () => {
    expect(readMessageSignature('sig1', fields)).to.equal(undefined);
    expect(readMessageSignature('sig-b26', { ...fields, signature: undefined })).to.equal(undefined);
  });

  for (const [name, input] of [
    ['no dictionary', '(('],
    ['no inner list', 'sig-b26="@method"'],
    ['a component twice', 'sig-b26=("@method" "@method");created=1'],
    ['a component that is a number', 'sig-b26=(1);created=1'],
    ['a component with a parameter', 'sig-b26=("@method";req);created=1'],
    ['a component that hides a parameter', 'sig-b26=("@method;req");created=1'],
    ['a component in capitals', 'sig-b26=("Date");created=1'],
    ['created as text', 'sig-b26=("@method");created="1"'],
    ['created as a fraction', 'sig-b26=("@method");created=1.5'],
    ['nonce as a number', 'sig-b26=("@method");nonce=1'],
  ] as const)
    it(`refuses ${name}`, () =>
      expect(() => readMessageSignature('sig-b26', { ...fields, signatureInput: input })).to.throw(
        SignatureFormatError,
      ));
});

describe('platform: Content-Digest', () => {
  const body = Buffer.from('{"hello": "world"}');
  const digest = (hash: string, of: Buffer = body) => createHash(hash).update(of).digest('base64');

  it('matches the example of RFC 9530', () => {
    const field = 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:';
    expect(compareContentDigest(field, body)).to.equal('match');
    expect(compareContentDigest(field, Buffer.from('{"hello": "World"}'))).to.equal('mismatch');
  });

  it('asks every digest that it knows, and at least one', () => {
    const both = `sha-512=:${digest('sha512')}:, sha-256=:${digest('sha256')}:`;
    expect(compareContentDigest(both, body)).to.equal('match');
    const halfWrong = `sha-512=:${digest('sha512')}:, sha-256=:${digest('sha256', Buffer.from('x'))}:`;
    expect(compareContentDigest(halfWrong, body)).to.equal('mismatch');
    expect(compareContentDigest(`md5=:${digest('md5')}:`, body)).to.equal('unsupported');
    expect(compareContentDigest('', body)).to.equal('unsupported');
    for (const malformed of ['sha-256=abc', 'sha-256=(1 2)', ':::', 'sha-256'])
      expect(compareContentDigest(malformed, body), malformed).to.equal('malformed');
    expect(compareContentDigest('sha-256=:YWJj:', body)).to.equal('mismatch');
  });
});
