import { startsAfter } from './client-order.ts';
import { imagePaths } from './defaults.ts';
import type { ScenarioContent } from './schema/scenario.ts';

type Client = ScenarioContent['clients'][number];

/** Whether a client's image comes by multicast. */
export const receives = ({ agent }: Client): boolean => agent?.by === 'multicast';

/** Image file that the scenario's sender sends; undefined without a sender or a store. */
export function sentImage(content: ScenarioContent): string | undefined {
  const { multicast } = content.services;
  if (multicast === undefined) return undefined;
  const { image } = multicast;
  if (image === undefined) return imagePaths(content)[0];
  // Names on the share have no case, and the sender reads a folder, in which they have.
  return imagePaths(content).find((path) => path.toLowerCase() === image.toLowerCase()) ?? image;
}

/** Receivers for which a session waits when the scenario does not say: who starts at once. */
export function expectedReceivers({ clients }: Pick<ScenarioContent, 'clients'>): number {
  return Math.max(1, clients.filter((client) => receives(client) && startsAfter(client) === undefined).length);
}
