import type { MachineSamples } from '../../testing/machine-sample.ts';
import { isWorthAnotherRun, type ResticContext } from '../judge/run.ts';
import { idOf, ResticScene } from './scene.ts';

const scene = (): ResticScene => new ResticScene();
const PACK = idOf('d');
const PART = { first: 0, last: 99 };

/** A pack that the store had, and had said nothing of: another run gets over that. */
function sentTwice(): ResticScene {
  const lost = scene().opens().locks().sends('data', PACK);
  lost.disconnect('server');
  const again = new ResticScene(lost.tape, lost.client.port + 1);
  return again.connect().saves('data', PACK, '403 Forbidden').unlocks().disconnect();
}

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  restic: {
    captures: [
      scene()
        .connect()
        .stats('config', '404 Not Found')
        .asks('create', 'repository')
        .answers()
        .lists('keys')
        .saves('keys', idOf('1'))
        .saves('config')
        .disconnect(),
      scene().connect().stats('config', '401 Unauthorized').disconnect(),
      scene().connect().stats('config', '503 Service Unavailable').stats('config').reset(),
      scene()
        .opens()
        .locks()
        .lists('snapshots', idOf('5'))
        .saves('data', PACK)
        .saves('data', PACK, '507 Insufficient Storage')
        .saves('snapshots', idOf('6'))
        .disconnect(),
      scene()
        .opens()
        .locks(idOf('a'), idOf('b'))
        .removes('snapshots', idOf('5'))
        .lists('index', idOf('7'))
        .lists('data', PACK)
        .removes('data', PACK)
        .unlocks(),
      scene().opens().locks().loads('data', PACK, PART).loads('data', PACK, PART, '404 Not Found').unlocks(),
      sentTwice(),
      scene().opens().lists('locks', idOf('b')).loads('locks', idOf('b')).unlocks(idOf('b')).disconnect(),
      scene().opens().lists('locks', idOf('b')).disconnect(),
      scene().opens().asks('load', 'snapshots', idOf('5')),
    ],
    facts: ({ keysListed, pending, own, others, unlocked, refusal, work }: ResticContext) => [
      keysListed,
      pending > 0,
      own.length > 0,
      others > 0,
      unlocked || refusal !== undefined,
      work.snapshotsRemoved > 0 && !work.forgetTold,
      work.snapshotsSaved > 0 && work.savedPacks === 0,
      work.unansweredPacks.length > 0,
      isWorthAnotherRun({ refusal }),
    ],
  },
} satisfies MachineSamples;
