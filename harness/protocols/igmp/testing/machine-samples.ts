import { SERVER } from '../../../observe/testing/scene.ts';
import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';
import { IgmpScene } from './scene.ts';

const GROUP = '239.1.2.3';

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  igmp: {
    captures: [
      told(({ link, client }) =>
        new IgmpScene(link.tape)
          .leave(client, GROUP)
          .report(client, GROUP)
          .query({ version: 2 })
          .report(SERVER, GROUP)
          .query({ version: 3, group: GROUP })
          .report(client, GROUP)
          .record(client, GROUP, 'change-to-exclude', ['10.9.0.9'])
          .record(client, GROUP, 'mode-is-exclude', ['10.9.0.9'])
          .leave(client, GROUP)
          .report(client, '224.0.0.1')
          .report(client, '10.0.0.1'),
      ),
    ],
    facts: ({ version, filter }: { version: number; filter: string }) => [version, filter],
  },
} satisfies MachineSamples;
