import { type Host, SERVER } from '../../../observe/testing/scene.ts';
import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

const OTHER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  arp: {
    captures: [
      told(({ link, client }) =>
        link
          .arp(1, { ...client, ip: '0.0.0.0' }, { ip: SERVER.ip })
          .arp(1, client, { ip: client.ip })
          .arp(1, client, { ip: SERVER.ip })
          .arp(2, SERVER, client)
          .arp(2, { ...SERVER, mac: OTHER.mac }, client),
      ),
    ],
    facts: (context: { probe: boolean; mac: string }) => [context.probe, context.mac],
  },
} satisfies MachineSamples;
