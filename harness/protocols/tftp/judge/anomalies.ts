import { type AnomalyRules, judgeAnomaly } from '../../base/judge/anomaly.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { TftpAnomaly } from '../observe/anomaly.ts';
import type { TftpEvent } from '../observe/events.ts';
import { TFTP } from './vocabulary.ts';

const { judged, recorded } = stepBuilders('tftp', TFTP);

const NAMES = { data: 'DATA', ack: 'ACK', 'option-ack': 'OACK' } as const;
const SENDERS = { data: 'side that has the file', ack: 'side that receives the file', 'option-ack': 'server' } as const;

/** Which anomalies of a transfer fail, and why (decision 130). */
export const TFTP_ANOMALIES: AnomalyRules<TftpAnomaly> = {
  // Only a capture that lost it, or began later, has no request.
  'packet-without-request': {
    harm: 'none',
    section: 'RFC 1350 section 4',
    expected: () => 'a request first',
    actual: ({ op, by }) => `${NAMES[op]} from the ${by}`,
  },
  'wrong-side': {
    harm: 'refused',
    section: 'RFC 1350 section 5: error 4, illegal operation',
    expected: ({ op }) => `${NAMES[op]} only from the ${SENDERS[op]}`,
    actual: ({ op, by }) => `${NAMES[op]} from the ${by}`,
  },
  'request-inside-transfer': {
    harm: 'refused',
    section: 'RFC 1350 section 5: error 4, illegal operation',
    expected: () => 'requests on port 69',
    actual: ({ op, by }) => `${op} from the ${by} at the port of a transfer`,
  },
  'block-zero-first': {
    harm: 'refused',
    section: 'RFC 1350 section 5: block numbers begin with one',
    expected: () => 'block 1 as the first DATA',
    actual: () => 'block 0',
  },
  'block-too-long': {
    harm: 'misled',
    section: 'RFC 2348',
    expected: ({ blksize }) => `at most ${blksize} bytes in a block, as agreed`,
    actual: ({ block, bytes }) => `DATA ${block} of ${bytes} bytes`,
  },
  'data-after-last-block': {
    harm: 'misled',
    section: 'RFC 1350 section 6: a block that is not full is the last',
    expected: ({ last, blksize }) => `nothing after block ${last}, which was shorter than ${blksize} bytes`,
    actual: ({ block }) => `DATA ${block}`,
  },
  'two-last-blocks': {
    harm: 'misled',
    section: 'RFC 1350 section 6: a block that is not full is the last',
    expected: ({ last }) => `the file to end with block ${last}`,
    actual: ({ block }) => `block ${block} ends it, too`,
  },
  // RFC 1350 does not say what follows block 65535. Most servers and iPXE go on with 0.
  'rollover-to-one': {
    harm: 'none',
    section: 'RFC 1350 leaves it open',
    expected: () => 'block 0 after block 65535',
    actual: () => 'block 1: this server skips 0 when it rolls over',
  },
  // It may still go on; the step of the transfer fails when it does not.
  'stalled-at-rollover': {
    harm: 'none',
    section: 'RFC 1350 section 5: block numbers have 16 bits, and what follows 65535 is left open',
    expected: ({ by, block }) =>
      `the ${by} to go on after ${block === 0xffff ? 'block 65535' : `block ${block}, which follows 65535`}`,
    actual: () => 'the same packets again and again',
  },
  // Costs bandwidth; the receiver acknowledges a repeated block and drops it.
  'blocks-sent-twice': {
    harm: 'none',
    section: "RFC 1123 section 4.2.3.1: the Sorcerer's Apprentice; a repeated ACK must not repeat DATA",
    expected: () => 'each block once',
    actual: ({ first, last }) =>
      `blocks ${first} to ${last} were each sent again for an acknowledgement that came again`,
  },
  // The blocks come in order; a receiver without room for them loses them as it would on a bad line.
  'window-exceeded': {
    harm: 'none',
    section: 'RFC 7440 section 4',
    expected: ({ window, acknowledged }) =>
      `at most ${window} blocks after block ${acknowledged}, the last acknowledged`,
    actual: ({ block }) => `DATA ${block}`,
  },
  // A sender drops an ACK of what it did not send; here the capture may as well have missed the DATA.
  'ack-without-data': {
    harm: 'none',
    section: 'RFC 1350 section 2',
    expected: ({ expected }) => `an ACK of a block before ${expected}, the next that the capture would hold`,
    actual: ({ block }) => `ACK ${block}`,
  },
  'window-byte-missing': {
    harm: 'none',
    section: 'msftwindow is not published',
    expected: () => 'a fifth byte with the next window, as msftwindow was granted',
    actual: ({ block }) => `ACK ${block} of four bytes`,
  },
  'window-byte-unasked': {
    harm: 'none',
    section: 'RFC 1350 section 5',
    expected: () => 'an ACK of four bytes, as msftwindow was not granted',
    actual: ({ block }) => `ACK ${block} with a fifth byte`,
  },
  'answer-from-other-host': {
    harm: 'refused',
    section: 'RFC 1350 section 4',
    expected: ({ asked }) => `an answer from ${asked}, which was asked`,
    actual: ({ from }) => `an answer from ${from}`,
  },
  // "Should be randomly chosen". Servers with one port for all transfers exist, for clients that a filter guards.
  'answer-from-port-69': {
    harm: 'none',
    section: 'RFC 1350 section 4',
    expected: () => 'an answer from a port of its own for this transfer',
    actual: ({ from }) => `an answer from ${from}`,
  },
  // "Discarded as erroneously sent from somewhere else", without disturbing the transfer.
  'second-answer': {
    harm: 'none',
    section: 'RFC 1350 section 4',
    expected: ({ answered }) => `packets from ${answered}, which answered first`,
    actual: ({ op, from }) => `${op} from ${from}`,
  },
  'packet-of-former-transfer': {
    harm: 'none',
    section: 'RFC 1350 section 4',
    expected: () => 'packets of the transfer that this port is used for',
    actual: ({ op, from }) => `${op} from ${from}, whose transfer to it is over`,
  },
  // What answered first here need not have reached the client first, or at all.
  'client-chose-other-end': {
    harm: 'none',
    section: 'RFC 1350 section 4',
    expected: ({ answered }) => (answered === '' ? 'an answer first' : `packets to ${answered}, which answered first`),
    actual: ({ op, to }) => `${op} to ${to}`,
  },
};

/** `tftp.anomaly`: failed or recorded, by its kind. */
export function tftpAnomalyStep(event: Extract<TftpEvent, { readonly type: 'tftp.anomaly' }>): StepDraft {
  const { anomaly, filename } = event;
  const parts = {
    step: 'tftp.anomaly' as const,
    at: event,
    detail: {
      path: filename,
      kind: anomaly.kind,
      op: 'op' in anomaly ? anomaly.op : undefined,
      by: 'by' in anomaly ? anomaly.by : undefined,
      block: 'block' in anomaly ? anomaly.block : undefined,
    },
  };
  const judgement = judgeAnomaly(TFTP_ANOMALIES, anomaly, 'tftp-protocol-breach');
  return 'why' in judgement ? recorded({ ...parts, ...judgement }) : judged({ ...parts, ...judgement });
}
