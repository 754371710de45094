import { told } from '../../../verdict/testing/captures.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';
import type { Exchange } from '../judge/exchange.ts';
import { Dhcpv6Scene } from './scene.ts';

const URL = 'tftp://[fd77::1]/a.efi';
const scene = (tell: (dhcp: Dhcpv6Scene) => unknown) =>
  told(({ link, client }) => {
    const dhcp = new Dhcpv6Scene(link.tape);
    dhcp.client = client;
    tell(dhcp);
  });

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  dhcpv6: {
    captures: [
      scene((dhcp) => dhcp.round({ bootfile: URL }).ask('RELEASE', { address: 'fd77::100' })),
      scene((dhcp) => dhcp.solicit({ rapidCommit: true }).reply({ rapidCommit: true })),
      scene((dhcp) => dhcp.solicit().advertise({ status: 'NoAddrsAvail' })),
      scene((dhcp) => dhcp.solicit().advertise().request().reply({ status: 'NotOnLink' })),
      scene((dhcp) => dhcp.ask('INFORMATION-REQUEST', { iaid: null })),
      scene((dhcp) => dhcp.solicit().advertise({ server: '00:1f:29:04:77:0e' }).reply({ client: null })),
    ],
    facts: ({ transaction, offers, wantsAddress, replied, server, former }: Exchange) => [
      transaction,
      offers.length,
      wantsAddress,
      replied !== '',
      server,
      former.length > 0,
    ],
  },
} satisfies MachineSamples;
