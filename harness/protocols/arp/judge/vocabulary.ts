import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

const ADDRESS = { ip: 'string', mac: 'string' } as const;
/** Who searched for an address; ND's steps say it, too. */
export const ASKER = ['string', 'hardware address of the host that asked, unless it is the client'] as const;

export const ARP = {
  steps: {
    'arp.resolve': {
      about: 'a host asked for an address and its owner answered',
      details: { ...ADDRESS, asker: ASKER },
    },
    'arp.request': {
      about: 'asked again before an answer came',
      details: { ip: 'string', asker: ASKER },
      only: 'recorded',
    },
    'arp.reply': { about: 'the same answer again', details: ADDRESS, only: 'recorded' },
    'arp.announce': { about: 'a host announces its own address', details: ADDRESS, only: 'recorded' },
    'arp.moved': {
      about: 'an address that the client talks to moved to another hardware address',
      details: ADDRESS,
      only: 'recorded',
    },
  },
  causes: {
    'address-in-use': {
      why: 'another host uses the address: exclude it from the server’s range or find that host',
    },
    'arp-silent': {
      why: 'no host has the address that the client asked for: see whether the server is up and in the same network',
      code: 'PXE-E11',
    },
    'client-unreachable': {
      why: 'the client is no longer in its network: see whether its cable is plugged in, its port of the switch works, and the client runs',
    },
  },
  waits: {
    arp: {
      ms: 10_000,
      about: 'An ARP answer: iPXE asks at intervals that double from 0.25 s, and gives up after 10 s.',
    },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
