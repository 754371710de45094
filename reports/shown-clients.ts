import { hasAddress } from './client-addresses.ts';
import type { ClientResult } from './result.ts';

/** Which clients of a replay a person asked to see. */
export interface ClientChoice {
  /** Only the client with this address: MAC or IP. */
  readonly address?: string | undefined;
  /** Every host, also those that do not boot over the network. */
  readonly all?: boolean | undefined;
}

/** Clients in the order in which a person reads of them. */
export interface ShownClients {
  readonly shown: readonly ClientResult[];
  /** Those that a line has room for, and no more. */
  readonly folded: readonly ClientResult[];
}

/** The clients that boot come first; other hosts are folded unless somebody asks for them. */
export function shownClients(
  clients: readonly ClientResult[],
  { address, all = false }: ClientChoice = {},
): ShownClients {
  const booting = clients.filter(({ booting }) => booting !== false);
  const others = clients.filter(({ booting }) => booting === false);
  if (address !== undefined) return parted([...booting, ...others], (client) => hasAddress(client, address));
  return all ? { shown: [...booting, ...others], folded: [] } : { shown: booting, folded: others };
}

function parted(clients: readonly ClientResult[], isShown: (client: ClientResult) => boolean): ShownClients {
  return { shown: clients.filter(isShown), folded: clients.filter((client) => !isShown(client)) };
}
