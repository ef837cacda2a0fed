import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decoded } from '../../../sandbox/wire/aws-chunked.ts';
import type { WireRequest } from '../../../sandbox/wire/http.ts';

const request = (body: Buffer, headers: WireRequest['headers']): WireRequest => ({
  method: 'PUT',
  path: '/bucket/key',
  query: new URLSearchParams(),
  rawQuery: '',
  headers,
  rawHeaders: [],
  body,
});

const chunk = (bytes: Uint8Array, signed: boolean): Buffer =>
  Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}${signed ? ';chunk-signature=0' : ''}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);

const headers = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'content-encoding': 'aws-chunked' };

describe('aws-chunked bodies', () => {
  it('are put together again, however they were cut', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.boolean(), (parts, signed) => {
        const end = Buffer.from(`0${signed ? ';chunk-signature=0' : ''}\r\n\r\n`);
        const body = Buffer.concat([...parts.map((part) => chunk(part, signed)), end]);
        expect(decoded(request(body, headers)).body).toEqual(Buffer.concat(parts));
      }),
    );
  });

  it('keep what other encoding the client names', () => {
    const encoded = request(Buffer.from('0\r\n\r\n'), { ...headers, 'content-encoding': 'aws-chunked,gzip' });
    expect(decoded(encoded).headers['content-encoding']).toBe('gzip');
  });

  it('are proven by the checksum behind them', () => {
    const right = Buffer.from('3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n');
    expect(decoded(request(right, headers)).body.toString()).toBe('abc');
    const wrong = Buffer.from('3\r\nabd\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n');
    expect(() => decoded(request(wrong, headers))).toThrow('The CRC32 you specified did not match');
  });

  it('are refused where they end too early or are shorter than announced', () => {
    for (const text of ['', '3\r\nab', 'zz\r\nabc\r\n0\r\n\r\n', '3\r\nabc\r\n'])
      expect(() => decoded(request(Buffer.from(text), headers))).toThrow('terminated unexpectedly');
    const short = request(Buffer.from('3\r\nabc\r\n0\r\n\r\n'), { ...headers, 'x-amz-decoded-content-length': '4' });
    expect(() => decoded(short)).toThrow('terminated unexpectedly');
  });
});
