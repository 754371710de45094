import { isProbeName } from '../base/judge/path-names.ts';
import type { IcmpEvent } from '../icmp/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import { tftpJudging } from './judge/route.ts';
import { TFTP } from './judge/vocabulary.ts';
import type { TftpEvent } from './observe/events.ts';
import { tftpTransfer } from './observe/metered-transfer.ts';
import { TftpObserver } from './observe/observer.ts';
import { dissectTftp } from './wire/dissect.ts';
import { TFTP_PORT } from './wire/ports.ts';

export const tftp = defineProtocol<TftpEvent, TftpEvent | IcmpEvent>()({
  name: 'tftp',
  about: 'Trivial File Transfer Protocol (RFC 1350) with options (RFC 2347, 2348, 2349, 7440)',
  over: ['icmp'],
  events: {
    'tftp.read-request': 'the client asks for a file',
    'tftp.write-request': 'the client asks to write a file',
    'tftp.option-ack': 'the server grants options',
    'tftp.first-data': 'the first block came',
    'tftp.retransmission': 'a block or its acknowledgement came again',
    'tftp.gap': 'a block came ahead of the next one',
    'tftp.anomaly': 'a packet violated the protocol',
    'tftp.error': 'one side ended the transfer',
    'tftp.complete': 'the last block was acknowledged',
    'tftp.unfinished': 'the transfer was given up',
  },
  words: TFTP,
  closing: ['tftp.unfinished'],
  udp: { ports: [TFTP_PORT], sender: 'client', observe: (client) => new TftpObserver(client.mac, client.emit) },
  // Both ends of a transfer choose a port for it (RFC 1350 section 4).
  chosenPorts: ({ transfer, server }) => [
    Number(transfer.slice(0, transfer.indexOf('>')).split(':').at(-1)),
    server.port,
  ],
  transfers: () => tftpTransfer,
  dissect: (bytes, { wireLength }) => dissectTftp(bytes, wireLength),
  judge: tftpJudging,
  boot: {
    speaker: 'loader',
    means: ({ step }) =>
      step === 'tftp.read-request' ? 'load-began' : step === 'tftp.transfer' ? 'loaded' : undefined,
    ends: { kernel: ({ step, detail }) => step === 'tftp.transfer' && !isProbeName(String(detail['path'] ?? '')) },
  },
});
