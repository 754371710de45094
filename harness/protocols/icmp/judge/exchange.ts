import { endText } from '../../base/observe/flow-ends.ts';
import type { IcmpEvent } from '../observe/events.ts';

/** A client's exchange with a server, as an error's quoted packet names it. */
export interface Exchange {
  /** The client's end, `ip:port`. */
  readonly client: string;
  readonly serverIp: string;
  /** Ports of the server that the exchange uses; absent where any may be. */
  readonly serverPorts?: readonly number[];
}

/**
 * Whether an error keeps this exchange from going on: the client's packet did not arrive, or the server's. A server that
 * is told that the client's port is closed learns only what the client did: it has given up.
 */
export function isOfExchange(event: IcmpEvent, { client, serverIp, serverPorts }: Exchange): boolean {
  const { byClient, reason, sender, receiver } = event;
  const [ours, theirs] = byClient ? [sender, receiver] : [receiver, sender];
  return (
    (byClient || reason !== 'port-unreachable') &&
    endText(ours) === client &&
    theirs.ip === serverIp &&
    (serverPorts === undefined || serverPorts.includes(theirs.port))
  );
}
