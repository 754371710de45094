import { SERVER } from '../../../observe/testing/scene.ts';
import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';
import { NdpScene } from './scene.ts';

const OTHER = '00:1f:29:04:77:0e';
const ROUTER = { mac: SERVER.mac, ip: 'fe80::1' };

/** Captures that reach every state of this room's machines. */
export const MACHINE_SAMPLES = {
  ndp: {
    captures: [
      told(({ link, client: { mac } }) => {
        const [client, server] = [
          { mac, ip: 'fd77::100' },
          { mac: SERVER.mac, ip: 'fd77::1' },
        ];
        new NdpScene(link.tape)
          .solicit({ mac, ip: '::' }, client.ip)
          .advertise({ mac: OTHER, ip: client.ip })
          .solicit(client, server.ip)
          .advertise(server, client)
          .advertise({ ...server, mac: OTHER }, client);
      }),
    ],
    facts: ({ askerMac, mac }: { askerMac: string; mac: string }) => [askerMac, mac],
  },
  router: {
    captures: [
      told(({ link, client: { mac } }) => {
        new NdpScene(link.tape)
          .routerSolicit({ mac, ip: 'fe80::2' })
          .routerAdvertise(ROUTER)
          .routerAdvertise(ROUTER, { managed: false });
      }),
    ],
    facts: ({ known }: { known: object }) => known,
  },
} satisfies MachineSamples;
