import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DhcpMessage } from './message.ts';
import { decodeDhcp, encodeDhcp, type DhcpDraft } from './codec.ts';
import {
  messageType,
  option,
  optionBytes,
  optionIp,
  optionText,
  optionU16,
  optionU16s,
  optionU32,
  optionU8,
  options,
  parameterRequestList,
} from './options.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { annotated } from '../../../packet/testing/annotated.ts';
import { expectTotal } from '../../../packet/testing/hostile.ts';

// RFC 2131 section 2, field by field; the values are those of the reference trace (client 172.22.52.222, xid
// 0x1280d292).
const PROXY_ACK = annotated(`
  02                ; op BOOTREPLY
  01 06 00          ; htype Ethernet, hlen 6, hops 0
  1280d292          ; xid
  0004 8000         ; secs 4, flags broadcast
  ac1634de          ; ciaddr 172.22.52.222
  00000000          ; yiaddr none: a boot server gives no address
  ac1634cf          ; siaddr 172.22.52.207
  00000000          ; giaddr
  00111180d292 .. 10 ; chaddr, 16 bytes
  "wds" .. 61       ; sname, 64 bytes
  "boot" 5c "x86" 5c "wdsnbp.com" .. 109 ; file, 128 bytes
  63825363          ; magic cookie
  35 01 05          ; 53 message type ACK
  00                ; pad
  36 04 ac1634cf    ; 54 server identifier
  3c 09 "PXEClient" ; 60 vendor class
  06 08 08080808 01010101 ; 6 two name servers
  33 04 00015180    ; 51 lease 86400 s
  39 02 05c0        ; 57 maximum size 1472
  5d 04 0000 0007   ; 93 two architectures
  37 03 01 03 06    ; 55
  ff 00 00          ; end, padding
`);

const decoded = (bytes: Uint8Array): DhcpMessage => {
  const message = decodeDhcp(bytes);
  if (isMalformed(message)) throw new Error(message.reason);
  return message;
};

describe('decodeDhcp', () => {
  it('reads every fixed field of RFC 2131 section 2', () => {
    expect(decoded(PROXY_ACK)).toMatchObject({
      op: 2,
      htype: 1,
      hlen: 6,
      hops: 0,
      xid: 0x1280d292,
      secs: 4,
      flags: 0x8000,
      ciaddr: '172.22.52.222',
      yiaddr: '0.0.0.0',
      siaddr: '172.22.52.207',
      giaddr: '0.0.0.0',
      chaddr: '00:11:11:80:d2:92',
      sname: 'wds',
      file: 'boot\\x86\\wdsnbp.com',
      length: PROXY_ACK.length,
    });
    expect(decoded(PROXY_ACK).malformed).toBeUndefined();
  });

  it('keeps options in wire order with their offsets and leaves pad and end out', () => {
    expect(decoded(PROXY_ACK).options.map(({ code, offset }) => [code, offset])).toEqual([
      [53, 240],
      [54, 244],
      [60, 250],
      [6, 261],
      [51, 271],
      [57, 277],
      [93, 281],
      [55, 287],
    ]);
  });

  it('gives typed views of the options', () => {
    const message = decoded(PROXY_ACK);
    expect(messageType(message)).toBe(5);
    expect(optionIp(message, 54)).toBe('172.22.52.207');
    expect(optionText(message, 60)).toBe('PXEClient');
    expect(optionU32(message, 51)).toBe(86400);
    expect(optionU16(message, 57)).toBe(1472);
    expect(optionU16s(message, 93)).toEqual([0, 7]);
    expect(parameterRequestList(message)).toEqual([1, 3, 6]);
    expect(optionIp(message, 3)).toBeUndefined();
  });

  it('never shows a malformed option as absent', () => {
    const message = decoded(
      encodeDhcp({
        op: 1,
        xid: 1,
        options: [
          { code: 54, data: Uint8Array.of(1, 2, 3) },
          { code: 93, data: Uint8Array.of(7) },
          { code: 53, data: new Uint8Array(0) },
        ],
      }),
    );
    expect(optionIp(message, 54)).toMatchObject({
      kind: 'malformed',
      protocol: 'dhcp',
      reason: 'option 54 must have 4 bytes but has 3',
      offset: 240,
    });
    expect(optionU16s(message, 93)).toMatchObject({
      reason: 'option 93 must have a multiple of 2 bytes, at least 2 but has 1',
    });
    expect(messageType(message)).toMatchObject({ reason: 'option 53 must have 1 bytes but has 0' });
  });

  it('says which option does not fit and keeps those before it', () => {
    const cut = decoded(PROXY_ACK.subarray(0, 284));
    expect(cut.malformed).toMatchObject({ reason: 'option 93 claims 4 bytes but only 1 remain', offset: 281 });
    expect(cut.options.map((entry) => entry.code)).toEqual([53, 54, 60, 6, 51, 57]);
  });

  it('misses the end option (RFC 2131 section 4.1)', () => {
    expect(decoded(PROXY_ACK.subarray(0, 277)).malformed).toMatchObject({
      reason: 'options stop without option 255 (end)',
    });
  });

  it('reads options in file and sname when option 52 says so, and nothing else from these fields', () => {
    const bytes = Uint8Array.from(PROXY_ACK);
    bytes.fill(0, 44, 236);
    bytes.set([67, 3, 97, 46, 98, 255], 108); // file: option 67 "a.b"
    bytes.set([12, 2, 112, 99, 255], 44); // sname: option 12 "pc"
    bytes.set([52, 1, 3], 277); // in place of option 57
    bytes[280] = 255;
    const message = decoded(bytes);
    expect(message.malformed).toBeUndefined();
    expect(message.options.map((entry) => [entry.code, entry.offset]).slice(-3)).toEqual([
      [52, 277],
      [67, 108],
      [12, 44],
    ]);
    expect([message.file, message.sname]).toEqual(['', '']);
    expect([optionText(message, 67), optionText(message, 12)]).toEqual(['a.b', 'pc']);
  });

  it('has the options that are whole where the capture cut it, and is not malformed', () => {
    const whole = decoded(PROXY_ACK);
    for (let kept = PROXY_ACK.length - 1; kept >= 236; kept -= 1) {
      const cut = decodeDhcp(PROXY_ACK.subarray(0, kept), PROXY_ACK.length);
      if (isMalformed(cut)) throw new Error(cut.reason);
      expect(cut).toMatchObject({ cut: true, length: whole.length, xid: whole.xid, file: whole.file });
      expect(cut.malformed).toBeUndefined();
      expect(cut.options).toEqual(whole.options.slice(0, cut.options.length));
    }
  });

  it('takes a vendor area of zeros as plain BOOTP and anything else as malformed', () => {
    const bootp = Uint8Array.from(PROXY_ACK.subarray(0, 300)).fill(0, 236);
    expect(decoded(bootp)).toMatchObject({ options: [] });
    expect(decoded(bootp).malformed).toBeUndefined();
    bootp[237] = 9;
    expect(decoded(bootp).malformed).toMatchObject({
      reason: "expected the magic cookie 63825363 but got '00090000'",
      offset: 236,
    });
  });

  it('is malformed as a whole without its fixed part', () => {
    expect(decodeDhcp(PROXY_ACK.subarray(0, 235))).toMatchObject({
      kind: 'malformed',
      protocol: 'dhcp',
      reason: 'the fixed part has 236 bytes but there are only 235',
    });
  });

  it('says that a hardware address length does not fit chaddr', () => {
    const bytes = Uint8Array.from(PROXY_ACK);
    bytes[2] = 17;
    expect(decoded(bytes).malformed).toMatchObject({ offset: 2 });
  });

  it('is total', () => expectTotal(decodeDhcp, [PROXY_ACK]));
  it('has total views', () =>
    expectTotal(
      (bytes) => {
        const message = decodeDhcp(bytes);
        return isMalformed(message)
          ? message
          : [messageType, parameterRequestList]
              .map((read) => read(message))
              .concat([optionU8(message, 52), optionText(message, 60) as never]);
      },
      [PROXY_ACK],
    ));
});

describe('encodeDhcp', () => {
  const ip = fc.ipV4();
  const text = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
  const draft: fc.Arbitrary<DhcpDraft> = fc.record({
    op: fc.constantFrom(1, 2),
    xid: fc.nat(0xffffffff),
    hops: fc.nat(255),
    secs: fc.nat(65535),
    flags: fc.nat(65535),
    ciaddr: ip,
    yiaddr: ip,
    siaddr: ip,
    giaddr: ip,
    sname: text,
    file: text,
    chaddr: fc
      .uint8Array({ minLength: 6, maxLength: 6 })
      .map((mac) => [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join(':')),
    options: fc.array(
      fc.record({
        code: fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
        data: fc.uint8Array({ maxLength: 255 }),
      }),
      { maxLength: 12 },
    ),
  });

  it('is undone by decoding', () => {
    fc.assert(
      fc.property(draft, fc.nat(1400), (sent, padTo) => {
        const message = decoded(encodeDhcp(sent, { padTo }));
        expect(message).toMatchObject({ ...sent, options: sent.options.map((entry) => ({ code: entry.code })) });
        expect(message.options.map((entry) => Buffer.from(entry.data))).toEqual(
          sent.options.map((entry) => Buffer.from(entry.data)),
        );
        expect(message.malformed).toBeUndefined();
        expect(message.length).toBeGreaterThanOrEqual(padTo);
      }),
    );
  });

  it('gives back the bytes of the annotated message but for its pad option', () => {
    const again = encodeDhcp(decoded(PROXY_ACK), { padTo: 0 });
    expect(Buffer.from(again).toString('hex')).toBe(
      Buffer.from(Uint8Array.of(...PROXY_ACK.subarray(0, 243), ...PROXY_ACK.subarray(244, -2))).toString('hex'),
    );
  });

  it('splits an option of more than 255 bytes, which reads as one again (RFC 3396)', () => {
    const data = Uint8Array.from({ length: 600 }, (_, i) => i % 251);
    const message = decoded(encodeDhcp({ op: 2, xid: 1, options: [{ code: 43, data }] }));
    expect(options(message, 43).map((part) => part.data.length)).toEqual([255, 255, 90]);
    expect(option(message, 43)?.data.length).toBe(255);
    expect(optionBytes(message, 43)).toEqual(data);
  });

  it('pads to 300 bytes unless told otherwise', () => {
    expect(encodeDhcp({ op: 1, xid: 1, options: [] })).toHaveLength(300);
    expect(encodeDhcp({ op: 1, xid: 1, options: [] }, { padTo: 1024 })).toHaveLength(1024);
    expect(encodeDhcp({ op: 1, xid: 1, options: [] }, { padTo: 0 })).toHaveLength(241);
  });

  it.each([
    [{ yiaddr: '1.2.3' }, 'ip address: expected four numbers of 0 to 255 with dots between, got "1.2.3"'],
    [{ chaddr: '1:2' }, 'ethernet address: expected pairs of hexadecimal digits with colons between, got "1:2"'],
    [{ file: 'x'.repeat(129) }, 'dhcp file: expected at most 128 bytes, got "129 bytes"'],
    [
      { options: [{ code: 255, data: new Uint8Array(0) }] },
      'dhcp option code: expected 1 to 254 (pad and end are written by the encoder), got 255',
    ],
  ])('refuses what no field can carry: %j', (part, message) => {
    expect(() => encodeDhcp({ op: 1, xid: 1, options: [], ...part })).toThrow(message);
  });
});
