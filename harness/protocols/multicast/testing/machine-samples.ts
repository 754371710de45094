import { CLIENT } from '../../../observe/testing/scene.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';
import { MulticastScene } from './scene.ts';

const OTHER = { mac: '00:11:11:80:d2:93', ip: '172.22.52.223' };
const scene = (): MulticastScene => new MulticastScene();
const asynchronous = (): MulticastScene => {
  const made = scene();
  made.capabilities = 0x29;
  return made;
};

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  multicast: {
    captures: [
      scene()
        .asks(CLIENT)
        .hello()
        .joins(CLIENT)
        .letsIn(CLIENT)
        .go(CLIENT)
        .blocks(0, 0, 2, 1)
        .lacks(CLIENT, 0, 2)
        .ok(0, CLIENT)
        .ends(1, CLIENT),
      scene().joins(CLIENT, -1),
      scene()
        .asks(CLIENT)
        .joins(OTHER)
        .slices(0, 0, OTHER)
        .asks(CLIENT)
        .ends(1, OTHER)
        .wait(20_000_000)
        .asks(CLIENT)
        .joins(CLIENT),
      scene().joins(OTHER).slices(0, 0, OTHER).asks(CLIENT),
      scene().joins(CLIENT).leaves(CLIENT),
      scene().joins(CLIENT).inGroup(CLIENT).slices(0, 0, CLIENT),
      scene().joins(CLIENT).joins(OTHER, 1).slices(0, 2, OTHER).ends(3, OTHER),
      asynchronous().asks(CLIENT).hello().blocks(0, 0, 1, 2, 3).fec(0, 0).asksForOk(1, { last: true }).leaves(CLIENT),
    ],
    facts: (context: { underWay: unknown; go: unknown }) => [context.underWay, context.go],
  },
} satisfies MachineSamples;
