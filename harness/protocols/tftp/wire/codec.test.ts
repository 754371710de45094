import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';
import { decodeTftp, encodeTftp } from './codec.ts';
import type { TftpPacket } from './message.ts';

// The reference trace's size probe: 36 bytes of UDP payload (harness/docs/protocols.md 0).
const SIZE_PROBE = annotated(`
  0001                              ; RRQ
  "boot" 5c "x86" 5c "wdsnbp.com" 00 ; file name
  "octet" 00                        ; mode
  "tsize" 00 "0" 00                 ; option
`);
const OPTION_ACK = annotated(
  `0006 "tsize" 00 "31124" 00 "MSFTWINDOW" 00 "27182" 00 ; RFC 2347, option names in any case`,
);

describe('decodeTftp', () => {
  it('reads the size probe of the reference trace', () => {
    expect(SIZE_PROBE).toHaveLength(36);
    expect(decodeTftp(SIZE_PROBE)).toEqual({
      kind: 'tftp',
      op: 'read-request',
      filename: 'boot\\x86\\wdsnbp.com',
      mode: 'octet',
      options: [{ name: 'tsize', value: '0' }],
    });
  });

  it('compares option names without regard to case', () => {
    expect(decodeTftp(OPTION_ACK)).toEqual({
      kind: 'tftp',
      op: 'option-ack',
      options: [
        { name: 'tsize', value: '31124' },
        { name: 'msftwindow', value: '27182' },
      ],
    });
  });

  it('reads DATA, also when the capture kept only its beginning', () => {
    expect(decodeTftp(annotated('0003 0016 0102030405'))).toEqual({
      kind: 'tftp',
      op: 'data',
      block: 22,
      data: Uint8Array.of(1, 2, 3, 4, 5),
      dataLength: 5,
    });
    expect(decodeTftp(annotated('0003 0016'), 1460)).toMatchObject({
      op: 'data',
      block: 22,
      data: new Uint8Array(0),
      dataLength: 1456,
    });
  });

  it('reads ACK with and without the fifth byte of msftwindow', () => {
    expect(decodeTftp(annotated('0004 ffff'))).toEqual({ kind: 'tftp', op: 'ack', block: 65535 });
    expect(decodeTftp(annotated('0004 0000 08'))).toEqual({ kind: 'tftp', op: 'ack', block: 0, nextWindow: 8 });
  });

  it('reads ERROR, with or without its NUL', () => {
    expect(decodeTftp(annotated('0005 0000 "TFTP Aborted" 00'))).toEqual({
      kind: 'tftp',
      op: 'error',
      code: 0,
      message: 'TFTP Aborted',
    });
    expect(decodeTftp(annotated('0005 0008 "no"'))).toMatchObject({ code: 8, message: 'no' });
  });

  it('tolerates garbage behind a request and keeps it', () => {
    const garbage = annotated('"blksi" 00 "14" ; a value without its NUL');
    expect(decodeTftp(Uint8Array.of(...SIZE_PROBE, ...garbage))).toMatchObject({
      options: [{ name: 'tsize', value: '0' }],
      trailing: garbage,
    });
    expect(decodeTftp(Uint8Array.of(...SIZE_PROBE, 0, 0, 0))).toMatchObject({
      options: [{ name: 'tsize' }],
      trailing: new Uint8Array(3),
    });
    expect(decodeTftp(annotated('0004 0001 aa bb'))).toMatchObject({
      op: 'ack',
      block: 1,
      trailing: Uint8Array.of(0xaa, 0xbb),
    });
  });

  it.each([
    ['000200', 'a packet has at least 4 bytes but there are only 3'],
    ['0001 "pxelinux.0"', 'the file name of the read-request has no terminating NUL'],
    ['0002 "up" 00 "octet"', 'the mode of the write-request has no terminating NUL'],
    ['00ff 0000', 'opcode must be 1 to 6, got 255'],
  ])('is malformed: %s', (bytes, reason) => {
    expect(decodeTftp(annotated(bytes))).toMatchObject({ kind: 'malformed', protocol: 'tftp', reason });
  });

  it('has the options that are whole where the capture cut them, and no more', () => {
    const whole = decodeTftp(SIZE_PROBE);
    for (let kept = SIZE_PROBE.length - 1; kept >= 4; kept -= 1) {
      const cut = decodeTftp(SIZE_PROBE.subarray(0, kept), SIZE_PROBE.length);
      if (cut.kind === 'malformed') expect(cut.reason).toMatch(/has no terminating NUL/);
      else expect(cut).toMatchObject({ ...whole, options: [], cut: true });
    }
  });

  it('is total', () =>
    expectTotal(decodeTftp, [
      SIZE_PROBE,
      OPTION_ACK,
      annotated('0005 0000 "TFTP Aborted" 00'),
      annotated('0004 0000 08'),
    ]));
});

describe('encodeTftp', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  const options = fc.array(
    fc.record({
      name: text.map((name) => `o${name}`.toLowerCase()).filter((name) => name === name.toLowerCase()),
      value: text,
    }),
    { maxLength: 6 },
  );
  const word = fc.nat(65535);
  const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
    fc.record({
      kind: fc.constant('tftp'),
      op: fc.constantFrom('read-request', 'write-request'),
      filename: text,
      mode: fc.constantFrom('octet', 'netascii', 'OCTET'),
      options,
    }),
    fc
      .record({ kind: fc.constant('tftp'), op: fc.constant('option-ack'), options })
      .filter((value) => value.options.length > 0),
    fc.record({ kind: fc.constant('tftp'), op: fc.constant('error'), code: word, message: text }),
    fc.record(
      { kind: fc.constant('tftp'), op: fc.constant('ack'), block: word, nextWindow: fc.nat(255) },
      { requiredKeys: ['kind', 'op', 'block'] },
    ),
    fc
      .record({ kind: fc.constant('tftp'), op: fc.constant('data'), block: word, data: fc.uint8Array() })
      .map((value) => ({ ...value, dataLength: value.data.length })),
  );

  it('is undone by decoding', () =>
    fc.assert(
      fc.property(packet, (sent) => {
        expect(decodeTftp(encodeTftp(sent))).toEqual(sent);
      }),
    ));

  it('gives back the reference bytes', () =>
    expect(encodeTftp(decodeTftp(SIZE_PROBE) as TftpPacket)).toEqual(SIZE_PROBE));

  it('refuses a NUL in a name, which would end it early', () => {
    expect(() =>
      encodeTftp({ kind: 'tftp', op: 'read-request', filename: 'a\0b', mode: 'octet', options: [] }),
    ).toThrow('tftp file name: expected text without NUL');
  });
});
