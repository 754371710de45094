import { expect, it } from 'vitest';
import { decodeDhcp, encodeDhcp, type DhcpDraft } from '../../protocols/dhcp/wire/codec.ts';
import {
  ipOption,
  messageType,
  numberOption,
  option,
  optionText,
  textOption,
} from '../../protocols/dhcp/wire/options.ts';
import { wdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { expectTotal } from '../../packet/testing/hostile.ts';
import {
  addressRequest,
  bootProgramRequest,
  bootServerRequest,
  discover,
  readAnswer,
  type Sender,
} from './messages.ts';

const SENDER: Sender = { mac: '00:11:11:80:d2:92', uuid: '00112233-4455-6677-8899-aabbccddeeff', architecture: 0 };
const WDS = { address: '172.22.52.207', port: 4011 };
const decoded = (bytes: Uint8Array) => {
  const message = decodeDhcp(bytes);
  if (message.kind === 'malformed') throw new Error(message.reason);
  return message;
};
const ack = (draft: Partial<DhcpDraft>): Uint8Array =>
  encodeDhcp({
    op: 2,
    xid: 7,
    chaddr: SENDER.mac,
    ...draft,
    options: [numberOption(53, 1, 5), ...(draft.options ?? [])],
  });

it('speaks as the reference trace’s ROM: frames of 590 bytes', () => {
  const request = bootServerRequest(SENDER, 0x1280d292, '172.22.52.222');
  // 14 Ethernet, 20 IP, 8 UDP.
  expect(request.length + 42).toBe(590);
  expect(decoded(request)).toMatchObject({
    op: 1,
    xid: 0x1280d292,
    ciaddr: '172.22.52.222',
    chaddr: SENDER.mac,
    flags: 0,
  });
  expect(option(decoded(request), 54)).toBeUndefined();
  expect(optionText(decoded(discover(SENDER, 1, 0)), 60)).toBe('PXEClient:Arch:00000:UNDI:002001');
  expect(messageType(decoded(discover(SENDER, 1, 0)))).toBe(1);
  expect(messageType(decoded(addressRequest(SENDER, 1, { server: '172.22.52.1', yiaddr: '172.22.52.222' })))).toBe(3);
});

it('writes the fields of wdsnbp, in the byte order that is set', () => {
  const values = { architecture: 0, nbpVersion: 0x0800, versionQuery: true, pxePromptDone: 1 } as const;
  for (const byteOrder of ['big-endian', 'little-endian'] as const)
    expect(wdsValues(decoded(bootProgramRequest(SENDER, 1, '172.22.52.222', values, byteOrder)), byteOrder)).toEqual(
      values,
    );
});

it('reads an answer: option 67 before the file field, siaddr before option 66', () => {
  const bytes = ack({
    siaddr: '172.22.52.208',
    file: 'a.0',
    options: [
      ipOption(54, WDS.address),
      textOption(60, 'PXEClient'),
      textOption(66, 'tftp.example'),
      textOption(67, 'b.0'),
      textOption(252, 'boot\\bcd'),
    ],
  });
  expect(readAnswer(bytes, WDS, SENDER, 'big-endian')).toEqual({
    type: 5,
    xid: 7,
    server: WDS.address,
    fromPort: 4011,
    yiaddr: '0.0.0.0',
    prefixLength: 24,
    ofBootServer: true,
    nextServer: '172.22.52.208',
    bootfile: 'b.0',
    bcdPath: 'boot\\bcd',
  });
  expect(
    readAnswer(ack({ file: 'a.0', options: [ipOption(1, '255.255.240.0')] }), WDS, SENDER, 'big-endian'),
  ).toMatchObject({ server: WDS.address, nextServer: WDS.address, bootfile: 'a.0', prefixLength: 20 });
});

it('leaves what is for others, or is no answer', () => {
  expect(readAnswer(ack({ chaddr: '00:11:11:80:d2:93' }), WDS, SENDER, 'big-endian')).toBeUndefined();
  expect(readAnswer(discover(SENDER, 1, 0), WDS, SENDER, 'big-endian')).toBeUndefined();
  expect(readAnswer(new Uint8Array(3), WDS, SENDER, 'big-endian')).toBeUndefined();
});

it('reads anything without an exception', () => {
  expectTotal(
    (bytes) => readAnswer(bytes, WDS, SENDER, 'big-endian'),
    [
      ack({
        file: 'a.0',
        options: [ipOption(54, WDS.address), { code: 250, data: Uint8Array.of(2, 1, 1, 5, 4, 0, 0, 0, 7, 255) }],
      }),
    ],
  );
});
