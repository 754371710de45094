import { isFirmwareClass, vendorClass } from '../../protocols/dhcp/judge/facts.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';

/** Sees clients boot from the network that have a verdict already, whose frames no judge hears any more. */
export interface NetworkStarts {
  event(event: ProtocolEvent): void;
  /** Resolves when from now on this client's firmware asks for an address and then loads something from a server. */
  of(mac: string): Promise<void>;
}

/** Nobody is watched yet. */
export function networkStarts(): NetworkStarts {
  const watched = new Map<string, { asked: boolean; readonly loaded: () => void }>();
  return {
    event(event) {
      const one = watched.get(event.client);
      if (one === undefined) return;
      if (event.type === 'dhcp.discover') one.asked ||= isFirmwareClass(vendorClass(event.message));
      else if (one.asked && (event.type === 'tftp.complete' || event.type === 'http.complete')) one.loaded();
    },
    of(mac) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      watched.set(mac, { asked: false, loaded: () => resolve(undefined) });
      return promise;
    },
  };
}
