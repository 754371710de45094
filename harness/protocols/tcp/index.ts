import type { IcmpEvent } from '../icmp/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import { tcpJudging } from './judge/route.ts';
import { TCP } from './judge/vocabulary.ts';
import type { TcpEvent } from './observe/events.ts';

export const tcp = defineProtocol<TcpEvent, TcpEvent | IcmpEvent>()({
  name: 'tcp',
  about: 'Transmission Control Protocol (RFC 9293), as far as it explains an application’s silence',
  over: ['icmp'],
  events: {
    'tcp.syn': 'the client asks for a connection',
    'tcp.established': 'both sides have accepted it',
    'tcp.reset': 'one side reset the connection',
    'tcp.closed': 'both sides have closed it',
    'tcp.disorder': 'at the end of a connection: segments came twice or out of order',
    'tcp.lost': 'bytes of a connection are missing from the capture',
  },
  words: TCP,
  closing: ['tcp.disorder'],
  incidental: true,
  judge: tcpJudging,
});
