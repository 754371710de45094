import { defineProtocol } from '../protocol.ts';
import { WDS } from './judge/vocabulary.ts';
import type { WdsEvent } from './observe/events.ts';

/** Spoken over RPC, whose room opens its connections and judges its calls. */
export const wds = defineProtocol<WdsEvent>()({
  name: 'wds',
  about: 'Windows Deployment Services control protocol (MS-WDSC)',
  events: {
    'wds.request': 'the client asks the control service, or reports to it',
    'wds.reply': 'the control service answers',
  },
  words: WDS,
  boot: { speaker: 'system' },
});
