import { isProbeName } from '../base/judge/path-names.ts';
import { defineProtocol } from '../protocol.ts';
import { SIGNATURE_BYTES } from '../tcp/observe/application.ts';
import { httpLoadBegan } from './judge/load-began.ts';
import { httpJudging } from './judge/route.ts';
import { HTTP } from './judge/vocabulary.ts';
import type { HttpEvent } from './observe/events.ts';
import { httpTransfer } from './observe/metered-transfer.ts';
import { HttpSession } from './observe/session.ts';
import { decodeHttpHead } from './wire/codec.ts';
import { dissectHttp } from './wire/dissect.ts';
import { HTTP_PORT, OTHER_HTTP_PORTS } from './wire/ports.ts';

export const http = defineProtocol<HttpEvent>()({
  name: 'http',
  about: 'Hypertext Transfer Protocol (RFC 9110, 9112)',
  over: ['tcp'],
  events: {
    'http.request': 'the client sends a request',
    'http.response': 'the header section of the response came',
    'http.complete': 'the whole response came',
    'http.unfinished': 'a request without a response, or an incomplete body',
  },
  words: HTTP,
  closing: ['http.unfinished'],
  tcp: {
    ports: [HTTP_PORT, ...OTHER_HTTP_PORTS],
    signature: httpSpeaker,
    isPart: (bytes, seen) => decodeHttpHead(bytes, seen) === undefined,
    open: (connection, _fromStart, client) => new HttpSession(connection, client),
  },
  transfers: () => httpTransfer,
  dissect: dissectHttp,
  judge: httpJudging,
  loadBegan: httpLoadBegan,
  boot: {
    speaker: 'loader',
    means: ({ step }) => (step === 'http.get' ? 'loaded' : undefined),
    ends: { kernel: ({ step, detail }) => step === 'http.get' && !isProbeName(String(detail['path'] ?? '')) },
  },
});

/** A method of capital letters and a space (RFC 9112 section 3), or the version of a status line (section 4). */
function httpSpeaker(bytes: Uint8Array): 'client' | 'server' | undefined {
  const space = bytes.subarray(0, SIGNATURE_BYTES).indexOf(0x20);
  if (space >= 3 && bytes.subarray(0, space).every((byte) => byte >= 0x41 && byte <= 0x5a)) return 'client';
  return STATUS_LINE.every((byte, index) => bytes[index] === byte) ? 'server' : undefined;
}

/** `HTTP/1.` */
const STATUS_LINE = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e];
