import { SESSION_WAITS } from '../../base/judge/session-waits.ts';
import { LOGON_CAUSES } from '../../base/judge/windows-words.ts';
import { WDS } from '../../wds/judge/vocabulary.ts';
import { NTLM } from '../../ntlm/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const LEVEL = ['number', 'authentication level: 1 none, 5 integrity, 6 privacy'] as const;
const BIND = {
  interface: ['string', '`WDS control`, `endpoint mapper` or a UUID'],
  version: 'string',
  level: LEVEL,
  maxTransmit: 'number',
  maxReceive: 'number',
} as const;

/** The words of this room. */
export const RPC = {
  steps: {
    'rpc.endpoint-map': {
      about: 'the endpoint mapper names the port of the interface',
      details: { interface: 'string', version: 'string', server: 'string', port: 'number' },
    },
    'rpc.bind': { about: 'the server accepts an RPC interface', details: BIND },
    'rpc.alter-context': { about: 'the server accepts another interface or logon on an RPC connection', details: BIND },
    'rpc.auth3': {
      about:
        'the client completes its NTLM logon over RPC with AUTH3, which has no answer; the next answer shows whether the server accepts it',
      details: { user: 'string', level: LEVEL },
    },
    'rpc.request': {
      about: 'the server answered a call to an RPC interface that is not decoded',
      details: { interface: 'string', opnum: 'number', user: 'string', level: LEVEL, sealed: 'boolean' },
    },
    'rpc.fault': {
      about: 'the server refused an RPC call',
      details: { interface: 'string', opnum: 'number', operation: 'string', user: 'string', status: 'string' },
      only: 'failed',
    },
    'rpc.other': {
      about: 'a PDU that asks for nothing and answers nothing',
      details: { name: 'string', by: 'string' },
      only: 'recorded',
    },
    'rpc.anomaly': {
      about: 'a PDU contradicts those before it; recorded when a conforming receiver can continue',
      details: {
        kind: ['string', 'which rule it broke (harness/protocols/rpc/observe/anomaly.ts)'],
        callId: 'number',
      },
      only: 'failed',
      expectable: true,
    },
  },
  causes: {
    'control-service-unreachable': {
      why: 'the WDS control service does not accept connections: see whether it runs, on the port that the endpoint mapper names (default 5040), and whether a firewall is in between',
    },
    'rpc-silent': NTLM.causes['rpc-silent'],
    ...LOGON_CAUSES,
    'rpc-connection-lost': {
      why: 'the RPC connection ended before an answer: the server dropped the client, often because of a PDU that it could not process',
    },
    'rpc-endpoint-unknown': {
      why: 'the endpoint mapper knows no port of this interface: the control service is not registered there, or does not run',
    },
    'rpc-interface-unknown': {
      why: 'the server does not have this RPC interface: the port belongs to another service',
    },
    'rpc-operation-unknown': {
      why: 'the RPC interface has no such operation: client and server have different versions of it',
    },
    'rpc-bind-refused': {
      why: 'the server did not accept the RPC association: compare transfer syntaxes and fragment sizes of both sides',
    },
    'rpc-access-denied': {
      why: 'the RPC server refused the call: the credentials are wrong, the user lacks permission, or the call must be authenticated',
    },
    'rpc-stub-malformed': { why: 'the server could not read the call’s parameters: the client sent a malformed stub' },
    'rpc-protocol-breach': { why: 'an RPC message violates the protocol: the frame shows which side sent it' },
    'rpc-refused': { why: 'the RPC server refused the call: the status says why' },
  },
  waits: {
    rpc: SESSION_WAITS.rpc,
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };

/** What the machine of an RPC connection speaks of: the calls themselves, and what is said to WDS over them. */
export const RPC_AND_WDS = {
  steps: { ...RPC.steps, ...WDS.steps },
  causes: { ...RPC.causes, ...WDS.causes },
} as const;

/** A cause of a failed RPC or WDS step. */
export type RpcCause = keyof typeof RPC_AND_WDS.causes;
