import { type AnomalyRules, judgeAnomaly } from '../../base/judge/anomaly.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { SmbAnomaly } from '../observe/anomaly.ts';
import type { SmbEvent } from '../observe/events.ts';
import { SMB } from './vocabulary.ts';

const { judged, recorded } = stepBuilders('smb', SMB);

/** Which anomalies of a connection fail, and why (decision 130). Sections are those of MS-SMB2. */
const SMB_ANOMALIES: AnomalyRules<SmbAnomaly> = {
  'response-from-client': {
    harm: 'refused',
    section: 'MS-SMB2 sections 2.2.1.2 and 3.3.5.2.6',
    expected: () => 'requests from the client',
    actual: ({ command }) => `a response (${command})`,
  },
  'request-from-server': {
    harm: 'refused',
    section: 'MS-SMB2 section 2.2.1.2',
    expected: () => 'responses from the server',
    actual: ({ command }) => `a request (${command})`,
  },
  // The server answers these three with a status of its own, and that answer is a step.
  'unknown-session': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.5.2.9',
    expected: () => 'a session that the server began',
    actual: ({ command, sessionId }) => `${command} in session ${sessionId}`,
  },
  'unknown-tree': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.5.2.11',
    expected: () => 'a tree that the server connected',
    actual: ({ command, treeId }) => `${command} on tree ${treeId}`,
  },
  'unknown-file': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.5.12',
    expected: () => 'a file id that is open',
    actual: ({ command, fileId }) => `${command} of file id ${fileId}`,
  },
  // "The server SHOULD terminate the connection."
  'message-id-in-use': {
    harm: 'refused',
    section: 'MS-SMB2 section 3.3.5.2.3',
    expected: ({ messageId }) => `message id ${messageId} once`,
    actual: ({ command }) => `${command} with the same while the first has no answer`,
  },
  // "The response MUST be discarded as invalid": nothing waits for it.
  'response-to-no-request': {
    harm: 'none',
    section: 'MS-SMB2 section 3.2.5.1.2',
    expected: () => 'the message id of a request that waits',
    actual: ({ command, messageId }) => `a response to message id ${messageId} (${command})`,
  },
  // "The client SHOULD fail the application request": the request that waits stays without its answer.
  'response-to-other-command': {
    harm: 'refused',
    section: 'MS-SMB2 section 3.2.5.1.8',
    expected: ({ asked }) => `a response to ${asked}, whose message id it has`,
    actual: ({ command }) => `a response to ${command}`,
  },
  // The client finds session and tree by the request that it sent (MS-SMB2 section 3.2.5.1.3).
  'response-in-other-session': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.4.1',
    expected: ({ asked }) => `the session ${asked} of the request`,
    actual: ({ command, sessionId }) => `${command} answered in session ${sessionId}`,
  },
  'response-on-other-tree': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.4.1',
    expected: ({ asked }) => `the tree ${asked} of the request`,
    actual: ({ command, treeId }) => `${command} answered on tree ${treeId}`,
  },
  'read-too-long': {
    harm: 'misled',
    section: 'MS-SMB2 section 3.3.5.12',
    expected: ({ asked, offset }) => `at most ${asked} bytes at offset ${offset}, as asked`,
    actual: ({ bytes }) => `${bytes} bytes`,
  },
  // The client learns how many there are and asks for the rest; whether it has the whole image is judged at its end.
  'read-too-short': {
    harm: 'none',
    section: 'MS-SMB2 section 3.3.5.12',
    expected: ({ asked, endOfFile }) => `${asked} bytes, as asked, from a file of ${endOfFile}`,
    actual: ({ bytes, offset }) => `${bytes} bytes at offset ${offset}`,
  },
};

/** `smb.anomaly`: failed or recorded, by its kind. */
export function smbAnomalyStep(event: Extract<SmbEvent, { readonly type: 'smb.anomaly' }>): StepDraft {
  const { anomaly } = event;
  const detail = { kind: anomaly.kind, command: anomaly.command };
  const parts = { step: 'smb.anomaly' as const, at: event, detail };
  const judgement = judgeAnomaly(SMB_ANOMALIES, anomaly, 'smb-protocol-breach');
  return 'why' in judgement ? recorded({ ...parts, ...judgement }) : judged({ ...parts, ...judgement });
}
