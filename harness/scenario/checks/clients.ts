import { bringsDisk, byName, diskOwner, failureOf, predecessors, startsAfter } from '../client-order.ts';
import { dangling } from './references.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

type Client = ScenarioContent['clients'][number];

/** Clients against one another: who waits for whom, and whose disk is whose. */
export function checkClients(content: ScenarioContent): Problem[] {
  const { clients } = content;
  const names = clients.map((client) => client.name);
  return clients.flatMap((client, index) => {
    const path = ['clients', index];
    const named = (['starts-after', 'disk-of'] as const).flatMap((key) =>
      client[key] === undefined ? [] : dangling([...path, key], 'client', client[key], names),
    );
    if (named.length > 0) return named;
    return [
      ...checkOrder(client, clients, path),
      ...checkDisk(client, content, path),
      ...checkComparison(client, clients, path),
      ...checkRestoration(client, clients, path),
      ...checkCapture(client, content, path),
      ...checkIncidents(client, names, path),
    ];
  });
}

function checkIncidents({ name, incidents }: Client, names: readonly string[], path: ScenarioPath): Problem[] {
  return (incidents ?? []).flatMap(({ until }, index) => {
    if (until === undefined) return [];
    const at = [...path, 'incidents', index, 'until', 'client'];
    if (until.client.toLowerCase() === name.toLowerCase())
      return [{ path: at, expected: 'another client, since this one waits meanwhile', got: 'itself' }];
    return dangling(at, 'client', until.client, names);
  });
}

function checkOrder(client: Client, clients: readonly Client[], path: ScenarioPath): Problem[] {
  const way = [client];
  let next = byName(startsAfter(client), clients);
  while (next && !way.includes(next)) {
    way.push(next);
    next = byName(startsAfter(next), clients);
  }
  // Who only waits for a circle is not at fault.
  if (next !== client) return [];
  const key = client['starts-after'] === undefined ? 'disk-of' : 'starts-after';
  return [
    {
      path: [...path, key],
      expected: 'an order in which some client is the first',
      got: `a circle: ${[...way, client].map(({ name }) => name).join(' waits for ')}`,
    },
  ];
}

function checkDisk(client: Client, { clients, matrix }: ScenarioContent, path: ScenarioPath): Problem[] {
  const from = client['disk-of'];
  if (from === undefined) return [];
  const at = [...path, 'disk-of'];
  if (client.disk !== undefined)
    return [{ path: [...path, 'disk'], expected: 'one disk: disk or disk-of', got: 'both' }];
  const before = predecessors(client, clients);
  if (byName(from, before) === undefined)
    return [
      {
        path: at,
        expected: `a client whose story is over by then (${before.map(({ name }) => name).join(', ')})`,
        got: JSON.stringify(from),
      },
    ];
  const owner = diskOwner(client, clients);
  return !bringsDisk(owner) && matrix?.disk === undefined
    ? [{ path: at, expected: 'a client with a disk', got: `${owner.name}, which has no disk` }]
    : [];
}

function checkCapture(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  if (client.agent?.mode !== 'capture') return [];
  const at = [...path, 'agent'];
  const { image } = client.agent;
  if (image === undefined)
    return [{ path: at, expected: 'the path that the captured image gets (image)', got: 'none' }];
  if (typeof image !== 'string')
    return [{ path: [...at, 'image'], expected: 'the path of a new image file', got: 'an image in a file' }];
  if (!/\.wim$/i.test(image))
    return [{ path: [...at, 'image'], expected: 'an image file name ending in .wim', got: JSON.stringify(image) }];
  if (client['disk-of'] === undefined && client['disk-image'] === undefined)
    return [
      {
        path: at,
        expected: 'a client with a system on its disk (disk-of: a client that was installed, or disk-image)',
        got: 'an empty disk',
      },
    ];
  const { images, authentication } = content.services;
  const negative = failureOf(client, content) !== undefined;
  if (authentication?.kind === 'active-directory')
    return [
      {
        path: at,
        expected: 'authentication of kind standalone: only its store can be written to',
        got: 'active-directory',
      },
    ];
  return images?.writable === undefined && !negative
    ? [
        {
          path: at,
          expected: 'a store that can be written to (services.images.writable)',
          got: 'one that can only be read',
        },
      ]
    : [];
}

function checkComparison(client: Client, clients: readonly Client[], path: ScenarioPath): Problem[] {
  const compared = client.after?.['compare-disk-with'];
  if (typeof compared !== 'object' || !('client' in compared)) return [];
  return checkOtherDisk(client, compared.client, clients, [...path, 'after', 'compare-disk-with', 'client']);
}

function checkRestoration(client: Client, clients: readonly Client[], path: ScenarioPath): Problem[] {
  const from = client.after?.['restored-from'];
  return from === undefined ? [] : checkOtherDisk(client, from, clients, [...path, 'after', 'restored-from']);
}

/** A client whose disk is looked at after another one's story. */
function checkOtherDisk(client: Client, from: string, clients: readonly Client[], at: ScenarioPath): Problem[] {
  const unknown = dangling(
    at,
    'client',
    from,
    clients.map(({ name }) => name),
  );
  if (unknown.length > 0) return unknown;
  const other = byName(from, predecessors(client, clients));
  if (other === undefined)
    return [
      {
        path: at,
        expected: 'a client whose story is over by then (see starts-after)',
        got: JSON.stringify(from),
      },
    ];
  return !bringsDisk(diskOwner(other, clients))
    ? [{ path: at, expected: 'a client with a disk', got: `${other.name}, which has no disk` }]
    : [];
}
