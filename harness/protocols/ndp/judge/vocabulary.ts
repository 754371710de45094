import { ARP, ASKER } from '../../arp/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const ADDRESS = { ip: 'string', mac: 'string' } as const;

export const NDP = {
  steps: {
    'ndp.router-solicitation': {
      about: 'the client asks for routers',
      details: { mac: ['string', 'where it wants the answer: its source link-layer address option, else the sender'] },
    },
    'ndp.router-advertisement': {
      about: 'a router says how hosts of this link get their addresses; recorded when it says the same again',
      details: {
        router: 'string',
        mac: 'string',
        managed: ['boolean', 'flag M: addresses come by DHCPv6'],
        other: ['boolean', 'flag O: other settings come by DHCPv6'],
        lifetimeSeconds: ['number', '0 of a router that is no default router'],
        prefix: ['string', '`fd77::/64`; several with commas between'],
        autonomous: ['boolean', 'flag A of a prefix: hosts make their own addresses'],
        mtu: 'number',
        dnsServers: ['string', 'with commas between'],
      },
      concurrent: true,
    },
    'ndp.resolve': {
      about: 'a host asked for an address and its owner answered',
      details: { ...ADDRESS, asker: ASKER },
    },
    'ndp.duplicate-address': {
      about: 'a host asked whether somebody has the address that it is about to use, and nobody has',
      details: { ...ADDRESS, asker: ASKER },
    },
    'ndp.solicitation': {
      about: 'asked again before an answer came',
      details: { ip: 'string', asker: ASKER },
      only: 'recorded',
    },
    'ndp.advertisement': { about: 'the same answer again', details: ADDRESS, only: 'recorded' },
    'ndp.announce': { about: 'a host announces its own address', details: ADDRESS, only: 'recorded' },
  },
  causes: {
    'address-in-use': ARP.causes['address-in-use'],
    'neighbour-silent': {
      why: 'no host has the IPv6 address that the client asked for: see whether the server is up and in the same network, and whether its address is not still tentative',
    },
    'router-silent': {
      why: 'no router answered: start a router advertisement daemon on this network, or let the client get its address by DHCPv6 alone',
    },
  },
  waits: {
    neighbour: {
      ms: 10_000,
      about:
        'An answer to a neighbour solicitation: iPXE asks at intervals that double from 0.25 s, and gives up after 10 s.',
    },
    'duplicate-address': {
      ms: 1000,
      about:
        'Silence that makes an address the client’s own: one solicitation, then RetransTimer (RFC 4862 section 5.4).',
    },
    router: {
      ms: 12_000,
      about: 'A router advertisement: three solicitations, 4 s apart (RFC 4861 section 10).',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
