import type { Watch } from '../../base/judge/conversations.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import { ARP } from './vocabulary.ts';

const { recorded } = stepBuilders('arp', ARP);

/**
 * Notices when an address that the client talks to moves to another hardware address: a second host, or a forged frame.
 * Only an address that somebody resolved is a host's on this link; all others have their router's hardware address, and
 * those of the way there and the way back may differ. No peer is known yet.
 */
export function watchPeers(): Watch {
  const macs = new Map<string, string>();
  const resolved = new Set<string>();
  return (event) => {
    if ('targetIp' in event) resolved.add(String(event.targetIp));
    const { server: peer } = event;
    if (!peer || peer.mac === '' || !resolved.has(peer.ip)) return [];
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
