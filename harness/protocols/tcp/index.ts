import { defineProtocol } from '../protocol.ts';
import { tcpJudging } from './judge/route.ts';
import { TCP } from './judge/vocabulary.ts';
import type { TcpEvent } from './observe/events.ts';

export const tcp = defineProtocol<TcpEvent>()({
  name: 'tcp',
  about: 'Transmission Control Protocol (RFC 9293), as far as it explains an application’s silence',
  events: {
    'tcp.syn': 'the client asks for a connection',
    'tcp.established': 'both sides have accepted it',
    'tcp.reset': 'a side reset it',
    'tcp.closed': 'both sides have closed it',
    'tcp.disorder': 'when it is over: segments came twice or late',
    'tcp.lost': 'the capture missed bytes of it',
  },
  words: TCP,
  closing: ['tcp.disorder'],
  incidental: true,
  judge: tcpJudging,
});
