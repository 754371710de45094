import { imageChoice } from './image-choice.ts';
import type { ScenarioContent } from './schema/scenario.ts';

type Client = ScenarioContent['clients'][number];

/** The client that this one waits for: the one it names, or the one whose disk it continues with. */
export function startsAfter(client: Client): string | undefined {
  return client['starts-after'] ?? client['disk-of'];
}

/**
 * Every client whose story is over before this one's begins, the nearest first; ends where names go in a circle or
 * nowhere.
 */
export function predecessors(client: Client, clients: readonly Client[]): readonly Client[] {
  const found: Client[] = [];
  for (
    let next = byName(startsAfter(client), clients);
    next && next !== client && !found.includes(next);
    next = byName(startsAfter(next), clients)
  )
    found.push(next);
  return found;
}

/** The client that brought the disk which this one has: itself, unless it continues with another's. */
export function diskOwner(client: Client, clients: readonly Client[]): Client {
  const before = predecessors(client, clients);
  let owner = client;
  for (let next = byName(owner['disk-of'], before); next; next = byName(owner['disk-of'], before)) owner = next;
  return owner;
}

/** Whether a client brings a disk of its own. */
export function bringsDisk(client: Client): boolean {
  return client.disk !== undefined || client['disk-image'] !== undefined;
}

/** Images that clients before this one have captured. */
export function capturedBefore(client: Client, clients: readonly Client[]): string[] {
  return predecessors(client, clients).flatMap(({ agent }) =>
    agent?.mode === 'capture' && agent.image !== undefined ? [imageChoice(agent.image).file] : [],
  );
}

/** Whether steps and expected failure of a client are its own and not the scenario's. */
export function hasOwnSteps(client: Client): boolean {
  return client.steps !== undefined || client['expect-failure'] !== undefined;
}

/** The failure that a client is expected to end with: its own story's, or the scenario's. */
export function failureOf(
  client: Client,
  content: Pick<ScenarioContent, 'expect-failure'>,
): ScenarioContent['expect-failure'] {
  return hasOwnSteps(client) ? client['expect-failure'] : content['expect-failure'];
}

/** A client by its name; names have no case, as computers' names have none. */
export function byName(name: string | undefined, clients: readonly Client[]): Client | undefined {
  return clients.find((client) => client.name.toLowerCase() === name?.toLowerCase());
}
