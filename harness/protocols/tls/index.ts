import type { BootMeaning } from '../base/judge/boot-meaning.ts';
import type { StepDraft } from '../base/judge/step.ts';
import { defineProtocol } from '../protocol.ts';
import { RESTIC_PORT } from '../restic/wire/ports.ts';
import { tlsJudging } from './judge/route.ts';
import { TLS } from './judge/vocabulary.ts';
import type { TlsEvent } from './observe/events.ts';
import { tlsTransfer } from './observe/metered-transfer.ts';
import { TlsSession } from './observe/session.ts';
import { dissectTls } from './wire/dissect.ts';
import { tlsSpeaker } from './wire/signature.ts';

export const tls = defineProtocol<TlsEvent>()({
  name: 'tls',
  about: 'Transport Layer Security (RFC 8446, 5246), as far as it goes unencrypted, and how much goes over it',
  over: ['tcp', 'restic'],
  events: {
    'tls.client-hello': 'the client offers versions and ciphers',
    'tls.server-hello': 'the server chooses, or asks for another hello',
    'tls.established': 'both sides have their keys: the client’s first record that is encrypted with them',
    'tls.alert': 'an alert that ends the handshake, or one that can be read',
    'tls.not-spoken': 'a server answers a hello with something else',
    'tls.closed': 'the connection, or the capture of it, ended: what went each way',
  },
  words: TLS,
  closing: ['tls.closed'],
  // Stores of disk backups: elsewhere nobody can say what is behind TLS.
  tcp: {
    ports: [RESTIC_PORT],
    signature: tlsSpeaker,
    open: (connection, _fromStart, client) => new TlsSession(connection, client),
  },
  transfers: () => tlsTransfer,
  dissect: dissectTls,
  judge: tlsJudging,
  boot: {
    speaker: 'system',
    means: (step, ports) => (isOfStore(step, ports) ? meaningOf(step) : undefined),
    begins: { backup: beginsStore, restore: beginsStore },
    ends: {
      backup: (step) => goes(step, 'upload'),
      restore: (step) => goes(step, 'download'),
    },
  },
});

const isOfStore = ({ detail }: StepDraft, ports: readonly number[]): boolean => ports.includes(Number(detail['port']));

function beginsStore(step: StepDraft, ports: readonly number[]): boolean {
  return step.step === 'tls.handshake' && isOfStore(step, ports);
}

const goes = ({ step, detail }: StepDraft, direction: 'upload' | 'download'): boolean =>
  step === 'tls.transfer' && detail['direction'] === direction;

function meaningOf(step: StepDraft): BootMeaning | undefined {
  if (step.step === 'tls.handshake') return 'store-opened';
  return goes(step, 'upload') ? 'backup-written' : goes(step, 'download') ? 'backup-read' : undefined;
}
