import type { Watch } from '../../base/judge/conversations.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { ARP } from './vocabulary.ts';

const { recorded } = stepBuilders('arp', ARP);

/**
 * Notices when an address that the client talks to moves to another hardware address: a second host, or a forged frame.
 * No peer is known yet.
 */
export function watchPeers(): Watch {
  const macs = new Map<string, string>();
  return (event) => {
    const { server: peer } = event;
    if (!peer || peer.mac === '') return [];
    const before = macs.get(peer.ip);
    if (before === peer.mac) return [];
    macs.set(peer.ip, peer.mac);
    if (before === undefined) return [];
    return [
      recorded({
        step: 'arp.moved',
        at: event,
        detail: { ip: peer.ip, mac: peer.mac },
        why: `the address was at ${before} before: a second host with it, a failover, or a forged frame`,
        cause: 'address-in-use',
      }),
    ];
  };
}
