import { expect, it } from 'vitest';
import { parseSenderLine } from './sender-log.ts';

it.each([
  // Lines of udp-sender 20120424.
  ['Broadcasting control to 172.22.52.255', { says: 'waiting' }],
  ['New connection from 172.22.52.10  (#0) 00000009', { says: 'receiver', client: '172.22.52.10', number: 0 }],
  ['Starting transfer: 00000009', { says: 'started' }],
  [
    'bytes= 20 000 000  re-xmits=0002636 ( 19.1%) slice=0112 -   1\r',
    { says: 'progress', bytes: 20_000_000, resent: 2636 },
  ],
  ['bytes=           0  re-xmits=0000000 (  0.0%) slice=0112 -   0', { says: 'progress', bytes: 0, resent: 0 }],
  ['Dropping client #1 because of timeout', { says: 'dropped', number: 1 }],
  ['Transfer complete.\u0007', { says: 'complete' }],
])('reads %j', (line, said) => {
  expect(parseSenderLine(line)).toEqual(said);
});

it.each(['Udp-sender 20120424', 'Using full duplex mode', 'Disconnecting #0 (10.9.0.11)', ''])(
  'takes %j for nothing worth knowing',
  (line) => {
    expect(parseSenderLine(line)).toBeUndefined();
  },
);
