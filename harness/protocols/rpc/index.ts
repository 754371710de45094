import { connectsTo, type BootMarks } from '../base/judge/boot-meaning.ts';
import type { KerberosEvent } from '../kerberos/observe/events.ts';
import type { NtlmEvent } from '../ntlm/observe/events.ts';
import { defineProtocol } from '../protocol.ts';
import type { TcpEvent } from '../tcp/observe/events.ts';
import type { WdsEvent } from '../wds/observe/events.ts';
import { WDS_CONTROL_PORT } from '../wds/wire/ports.ts';
import { rpcJudging } from './judge/route.ts';
import { isAuthenticated } from './judge/refusals.ts';
import { RPC } from './judge/vocabulary.ts';
import { RpcEndpoints } from './observe/endpoints.ts';
import type { RpcEvent } from './observe/events.ts';
import { pduSpeaker } from './observe/framing.ts';
import { RpcSession } from './observe/session.ts';
import { dissectRpc } from './wire/dissect.ts';
import { ENDPOINT_MAPPER_PORT } from './wire/ports.ts';

const marks: BootMarks = {
  speaker: 'system',
  means(step) {
    if (!isAuthenticated(step)) return undefined;
    if (step.step === 'rpc.bind' || step.step === 'rpc.alter-context') return 'share-wanted';
    // AUTH3 has no answer: the first answered request shows that the server let the user in.
    return step.step === 'wds.reply' ? 'session-given' : undefined;
  },
  begins: {
    authentication: (step) => (step.step === 'rpc.bind' || step.step === 'rpc.alter-context') && isAuthenticated(step),
  },
  ends: {
    os: (step, ports) => /^(rpc|wds)\./.test(step.step) || connectsTo(step, ports),
    authentication: (step) => step.step === 'wds.reply' && isAuthenticated(step),
  },
};

export const rpc = defineProtocol<RpcEvent, RpcEvent | WdsEvent | TcpEvent | NtlmEvent | KerberosEvent>()({
  name: 'rpc',
  about: 'DCE/RPC over TCP (C706, MS-RPCE), with the endpoint mapper and the calls of the WDS control service',
  over: ['ntlm', 'kerberos', 'tcp', 'wds'],
  events: {
    'rpc.bind': 'the client asks for an interface',
    'rpc.alter-context': 'the client asks for another interface, or continues its logon',
    'rpc.bind-answer': 'the server accepts or refuses it',
    'rpc.alter-context-answer': 'the server accepts or refuses it',
    'rpc.auth3': 'the client ends its logon',
    'rpc.request': 'a call to an interface that is not decoded',
    'rpc.response': 'the answer to such a call',
    'rpc.fault': 'the server refuses a call',
    'rpc.endpoint-map': 'the endpoint mapper answered with the port of an interface',
    'rpc.other': 'any other PDU',
    'rpc.anomaly': 'a PDU contradicts those before it',
  },
  words: RPC,
  unreachable: 'control-service-unreachable',
  tcp: {
    ports: [ENDPOINT_MAPPER_PORT, WDS_CONTROL_PORT],
    byPort: true,
    announced: (client, { ip, port }) => client.shared(RpcEndpoints).has(ip, port),
    signature: pduSpeaker,
    open: (connection, fromStart, client) => new RpcSession(connection, fromStart, client),
  },
  dissect: (bytes, { toServer }) => dissectRpc(bytes, toServer),
  judge: rpcJudging,
  boot: marks,
});
