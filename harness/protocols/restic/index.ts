import type { BootMeaning } from '../base/judge/boot-meaning.ts';
import type { StepDraft } from '../base/judge/step.ts';
import { defineProtocol } from '../protocol.ts';
import { resticJudging } from './judge/route.ts';
import { RESTIC } from './judge/vocabulary.ts';
import type { ResticEvent } from './observe/events.ts';
import { watchResticTransfers } from './observe/metered-transfer.ts';
import { ResticSession } from './observe/session.ts';
import { dissectRestic } from './wire/dissect.ts';
import { RESTIC_PORT } from './wire/ports.ts';
import { beginsRestic } from './wire/request.ts';

export const restic = defineProtocol<ResticEvent>()({
  name: 'restic',
  about: 'restic’s REST backend over HTTP (restic’s documentation, “REST Backend”)',
  over: ['tcp', 'http'],
  events: {
    'restic.request': 'a client asks a store for something',
    'restic.answer': 'the whole answer came',
    'restic.moved': 'a request or an answer is still under way, and bytes of it have come',
    'restic.unfinished': 'a request without an answer, or an incomplete one',
    'restic.disconnected': 'a connection to a store ended',
  },
  words: RESTIC,
  unreachable: 'store-unreachable',
  closing: ['restic.unfinished', 'restic.disconnected'],
  tcp: {
    ports: [RESTIC_PORT],
    retried: 'restic connects again, for 15 minutes: what it is doing says whether that was in vain',
    signature: (bytes) => (beginsRestic(bytes) ? 'client' : undefined),
    open: (connection, fromStart, client) => new ResticSession(connection, fromStart, client),
  },
  transfers: watchResticTransfers,
  dissect: dissectRestic,
  judge: resticJudging,
  boot: {
    speaker: 'system',
    means: ({ step }) => MEANINGS[step],
    begins: { backup: isOpening, restore: isOpening },
    ends: { backup: ({ step }) => step === 'restic.backup', restore: ({ step }) => step === 'restic.restore' },
  },
});

const MEANINGS: Readonly<Record<string, BootMeaning>> = {
  'restic.open': 'store-opened',
  'restic.backup': 'backup-written',
  'restic.restore': 'backup-read',
};

function isOpening({ step }: StepDraft): boolean {
  return step === 'restic.open';
}
