import { type AnomalyRules, judgeAnomaly } from '../../base/judge/anomaly.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { RpcAnomaly } from '../observe/anomaly.ts';
import type { RpcEvent } from '../observe/events.ts';
import { RPC } from './vocabulary.ts';

const { judged, recorded } = stepBuilders('rpc', RPC);

/** Which anomalies of a connection fail, and why (decision 130). */
const RPC_ANOMALIES: AnomalyRules<RpcAnomaly> = {
  // A bind that its server cannot take is refused by BIND_NAK, and an answer that the client cannot take is owed still.
  'pdu-in-fragments': {
    harm: 'none',
    section: 'C706 section 12.6.3',
    expected: () => 'only requests and responses in fragments',
    actual: ({ name, callId }) => `${name} of call ${callId} in fragments`,
  },
  'fragment-without-first': {
    harm: 'refused',
    section: 'C706 section 12.6.3',
    expected: ({ callId }) => `the first fragment of call ${callId}`,
    actual: () => 'a later one',
  },
  'first-fragment-twice': {
    harm: 'refused',
    section: 'C706 section 12.6.3',
    expected: ({ callId, wanted }) => `fragment ${wanted} of call ${callId}`,
    actual: () => 'its first fragment again',
  },
  // How much is put together is our own choice.
  'fragments-without-end': {
    harm: 'none',
    section: 'no limit is specified',
    expected: ({ limit }) => `unfinished calls of at most ${limit} bytes`,
    actual: () => 'more; they are not reassembled',
  },
  // What the client did ask for stays unanswered, and that fails by itself.
  'answer-to-no-bind': {
    harm: 'none',
    section: 'C706 section 12.6.3',
    expected: () => 'an answer to a bind that waits for one',
    actual: ({ callId }) => `an answer to call ${callId}`,
  },
  'results-for-other-contexts': {
    harm: 'misled',
    section: 'C706 section 12.6.4.4',
    expected: ({ contexts }) => `a result for each of ${counted(contexts, 'context')}`,
    actual: ({ results }) => counted(results, 'result'),
  },
  'other-level': {
    harm: 'refused',
    section: 'MS-RPCE section 2.2.2.11',
    expected: ({ asked }) => `an answer of authentication level ${asked}, which was asked for`,
    actual: ({ level }) => `one of level ${level}`,
  },
  // auth_length "MUST be greater than zero": without a token the logon does not end.
  'auth3-without-token': {
    harm: 'refused',
    section: 'MS-RPCE section 2.2.2.10',
    expected: () => 'an AUTH3 with a security token',
    actual: () => 'one without',
  },
  // The server knows the logon by its context; nothing answers an AUTH3, so its call id names nothing.
  'auth3-of-other-call': {
    harm: 'none',
    section: 'MS-RPCE section 3.3.1.5.2.1',
    expected: ({ bind }) => `the call id ${bind} of the bind that it completes`,
    actual: ({ callId }) => `an AUTH3 of call ${callId}`,
  },
  // The server answers with a fault, and that answer is a step.
  'unknown-context': {
    harm: 'none',
    section: 'C706 section 12.6.4.9',
    expected: () => 'a context that the server accepted',
    actual: ({ contextId }) => `a request in context ${contextId}`,
  },
  // The next answer with that id may be either's.
  'call-id-in-use': {
    harm: 'misled',
    section: 'C706 section 12.6.3',
    expected: ({ callId }) => `call id ${callId} once`,
    actual: () => 'the same again while its first use has no answer',
  },
  'answer-to-no-call': {
    harm: 'none',
    section: 'C706 section 12.6.3',
    expected: () => 'an answer to a call that waits for one',
    actual: ({ name, callId }) => `a ${name} for call ${callId}`,
  },
  'tower-of-other-interface': {
    harm: 'misled',
    section: 'C706 appendix O',
    expected: ({ asked }) => `a tower of interface ${asked}, which was asked for`,
    actual: ({ interface: uuid }) => `one of ${uuid}`,
  },
  'wrong-signature': {
    harm: 'refused',
    section: 'MS-RPCE section 3.3.1.5.2.2',
    expected: ({ user }) => `a signature made with the session key of ${user}`,
    actual: ({ callId }) => `call ${callId} has another`,
  },
};

/** `rpc.anomaly`: failed or recorded, by its kind. */
export function rpcAnomalyStep(event: Extract<RpcEvent, { readonly type: 'rpc.anomaly' }>): StepDraft {
  const { anomaly } = event;
  const detail = { kind: anomaly.kind, callId: anomaly.callId };
  const parts = { step: 'rpc.anomaly' as const, at: event, detail };
  const judgement = judgeAnomaly(RPC_ANOMALIES, anomaly, 'rpc-protocol-breach');
  return 'why' in judgement ? recorded({ ...parts, ...judgement }) : judged({ ...parts, ...judgement });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
