import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';
import { UNREACHABLE, type Unreachable } from '../wire/names.ts';

/** The words of this room. */
export const ICMP = {
  steps: {
    'icmp.unreachable': {
      about:
        'a host or router says that a packet of the client, or to it, did not arrive; the step of that request fails',
      details: {
        reason: ['string', 'why, in the words of RFC 792 and RFC 1122', UNREACHABLE],
        by: ['string', 'address of the host or router that says it'],
        protocol: ['string', '`udp`, `tcp`, or a number'],
        server: ['string', 'where the packet was to go; of a packet to the client, where it came from'],
        port: ['number', 'the server’s'],
        mtu: ['number', 'what the link on the way carries, of `fragmentation-needed`'],
      },
      only: 'recorded',
      expectable: true,
    },
  },
  causes: {
    'port-unreachable': {
      why: 'the host answered that nothing listens on that port (ICMP port unreachable): start the service there, or see whether a firewall rejects the packets',
    },
    'host-unreachable': {
      why: 'a router cannot reach the host (ICMP host unreachable): see whether it is up, and whether the client was told the right address',
    },
    'net-unreachable': {
      why: 'a router has no route to that network (ICMP network unreachable): look at its routes, and at the address and gateway that the client was told',
    },
    'protocol-unreachable': {
      why: 'the host does not speak that protocol (ICMP protocol unreachable): look at its firewall, and at the address that the client was told',
    },
    'admin-prohibited': {
      why: 'a firewall refuses the packets (ICMP administratively prohibited): allow them on the host or router that says it',
    },
    'fragmentation-needed': {
      why: 'a packet is larger than a link on the way carries, and may not be fragmented: lower the block size of TFTP, or raise the MTU of that link',
    },
    'time-exceeded': {
      why: 'a packet was forwarded until its time to live ran out (ICMP time exceeded): look for a routing loop',
    },
  },
  waits: {},
} as const satisfies {
  readonly steps: Steps;
  readonly causes: Causes & Readonly<Record<Unreachable, object>>;
  readonly waits: Waits;
};
