import type { ProtocolEvent } from '../protocols/events.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';
import { stepBuilders } from '../protocols/base/judge/step-builders.ts';
import { ARP } from '../protocols/arp/judge/vocabulary.ts';

const { recorded } = stepBuilders('arp', ARP);

/**
 * Notices when an address that the client talks to moves to another hardware address: a second host, or a forged frame.
 */
export interface Peers {
  /** The recorded step, when this event shows such a move. */
  notice(event: ProtocolEvent): StepDraft | undefined;
}

/** Watches the peers of one client; none is known yet. */
export function createPeers(): Peers {
  const macs = new Map<string, string>();
  return {
    notice(event) {
      const peer = 'server' in event ? event.server : undefined;
      if (!peer || peer.mac === '') return undefined;
      const before = macs.get(peer.ip);
      if (before === peer.mac) return undefined;
      macs.set(peer.ip, peer.mac);
      if (before === undefined) return undefined;
      return recorded({
        step: 'arp.moved',
        at: event,
        detail: { ip: peer.ip, mac: peer.mac },
        why: `the address was at ${before} before: a second host with it, a failover, or a forged frame`,
        cause: 'address-in-use',
      });
    },
  };
}
