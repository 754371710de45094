import { DEFAULT_BUNDLE, bootsAgent, DRIVER_PACKAGES, isFolder, PACKAGE_BUNDLES } from '../bundles.ts';
import { checkPlayed } from './played.ts';
import { bootFilesOf, imagePaths, namesBootFile, usersOf } from '../defaults.ts';
import { bringsDisk, capturedBefore, diskOwner, failureOf } from '../client-order.ts';
import { imageChoice, type ImageChoice } from '../image-choice.ts';
import { formatPath, type Problem, type ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { suggest } from '../parsing/suggest.ts';
import { checkVirtualMachines } from './virtual-machines.ts';

/**
 * Names against what they name: clients, users, images, boot devices; and names that may stand only once.
 * A negative scenario may ask for a user or an image that is not there: that is what it shows.
 */
export function checkReferences(content: ScenarioContent): Problem[] {
  const { clients, services } = content;
  const names = clients.map((client) => client.name);
  return [
    ...twice(
      clients.map((client) => client.name.toLowerCase()),
      (index) => ['clients', index, 'name'],
      'client',
    ),
    ...twice(
      clients.map((client) => client.mac),
      (index) => ['clients', index, 'mac'],
      'MAC address',
    ),
    ...twice(
      clients.map((client) => client.uuid),
      (index) => ['clients', index, 'uuid'],
      'UUID',
    ),
    ...twice(
      (services.authentication?.users ?? []).map((user) => user.name.toLowerCase()),
      (index) => ['services', 'authentication', 'users', index, 'name'],
      'user',
    ),
    ...twice(
      (services.programs ?? []).map((program) => program.name.toLowerCase()),
      (index) => ['services', 'programs', index, 'name'],
      'program',
    ),
    ...Object.keys(services.dhcp?.reservations ?? {}).flatMap((client) =>
      dangling(['services', 'dhcp', 'reservations'], 'client', client, names, client),
    ),
    ...(['dhcp', 'pxe', 'second-pxe'] as const).flatMap((kind) => checkSilence(content, kind, names)),
    ...clients.flatMap((client, index) => checkClient(content, client, ['clients', index])),
    ...checkPxe(content, 'pxe'),
    ...checkPxe(content, 'second-pxe'),
    ...checkPackages(content),
    ...checkDevices(content, names),
    ...checkAfter(content),
    ...(services.tftp || services.http || services.programs
      ? []
      : (['images', 'backups'] as const).flatMap((kind) =>
          services[kind] === undefined
            ? []
            : [
                {
                  path: ['services'],
                  expected: `a service that delivers boot files (tftp, http or one of programs) beside ${kind}`,
                  got: 'neither',
                },
              ],
        )),
  ];
}

function checkPxe(content: ScenarioContent, kind: 'pxe' | 'second-pxe'): Problem[] {
  const pxe = content.services[kind];
  if (pxe === undefined) return [];
  const path = ['services', kind];
  const named = namesBootFile(pxe) || Object.keys(bootFilesOf(content, pxe)).length > 0;
  return [
    ...(named
      ? []
      : [
          {
            path,
            expected:
              'a boot file (bootfile, bootfiles, or one in the menu), or a bundle as root of tftp or http, which has one',
            got: 'none',
          },
        ]),
    ...(pxe['port-67'] === false && pxe['port-4011'] === false
      ? [
          {
            path: [...path, 'port-4011'],
            expected: 'port-67 or port-4011 to be true',
            got: 'false for both, which leaves nothing to listen on',
          },
        ]
      : []),
  ];
}

function checkPackages({ services: { tftp, images } }: ScenarioContent): Problem[] {
  const added = ['services', 'tftp', 'driver-packages'];
  const root = tftp?.root ?? DEFAULT_BUNDLE;
  const unknown = (path: ScenarioPath, names: readonly string[] = []): Problem[] =>
    names.flatMap((name, index) => dangling([...path, index], 'driver package', name, DRIVER_PACKAGES));
  return [
    ...(tftp?.['driver-packages']?.length && !bootsAgent(root)
      ? [
          {
            path: added,
            expected: 'a bundle as root, whose boot image the packages are added to',
            got: JSON.stringify(root),
          },
        ]
      : unknown(added, tftp?.['driver-packages'])),
    ...unknown(['services', 'images', 'driver-packages'], images?.['driver-packages']),
    ...(images?.packages === undefined || isFolder(images.packages)
      ? []
      : dangling(['services', 'images', 'packages'], 'bundle of packages', images.packages, PACKAGE_BUNDLES)),
  ];
}

function checkDevices({ services: { devices } }: ScenarioContent, names: readonly string[]): Problem[] {
  const path = ['services', 'devices'];
  const known = devices?.known ?? [];
  return [
    ...known.flatMap(({ client }, index) =>
      client === undefined ? [] : dangling([...path, 'known', index, 'client'], 'client', client, names),
    ),
    ...twice(
      known.map(({ client }) => client?.toLowerCase()),
      (index) => [...path, 'known', index, 'client'],
      'known client',
    ),
    ...twice(
      known.map(({ name }) => name?.toLowerCase()),
      (index) => [...path, 'known', index, 'name'],
      'computer name',
    ),
    ...(devices?.administrator ?? []).flatMap(({ approve, reject }, index) => {
      const [verb, client] =
        approve === undefined ? (['reject', reject ?? ''] as const) : (['approve', approve] as const);
      return dangling([...path, 'administrator', index, verb], 'client', client, names);
    }),
  ];
}

function checkSilence(
  content: ScenarioContent,
  kind: 'dhcp' | 'pxe' | 'second-pxe',
  names: readonly string[],
): Problem[] {
  const silent = content.services[kind]?.misbehave?.silent;
  const clients = typeof silent === 'object' ? (silent.for ?? []) : [];
  return clients.flatMap((client, index) =>
    dangling(['services', kind, 'misbehave', 'silent', 'for', index], 'client', client, names),
  );
}

function checkClient(
  content: ScenarioContent,
  client: ScenarioContent['clients'][number],
  path: ScenarioPath,
): Problem[] {
  const negative = failureOf(client, content) !== undefined;
  const knownUser = (keys: ScenarioPath, logon: { readonly user: string } | undefined): Problem[] =>
    logon === undefined || negative
      ? []
      : dangling(
          [...path, ...keys, 'user'],
          'user',
          logon.user,
          usersOf(content).map((user) => user.name),
        );
  if (client.plays !== undefined)
    return [...checkPlayed(client, path), ...knownUser(['deploys-as'], client['deploys-as'])];
  const problems: Problem[] = checkPlayed(client, path);
  const { image, logon } = client.agent ?? {};
  if (image !== undefined && !negative && client.agent?.mode !== 'capture')
    problems.push(
      ...danglingImage(content, [...path, 'agent', 'image'], image, capturedBefore(client, content.clients)),
    );
  return [...problems, ...knownUser(['agent', 'logon'], logon)];
}

function checkAfter(content: ScenarioContent): Problem[] {
  const common = content.clients.filter((client) => client.after === undefined && client.plays === undefined);
  return [
    ...(content.after === undefined ? [] : checkAfterOf(content, content.after, ['after'], common)),
    ...content.clients.flatMap((client, index) =>
      client.after === undefined ? [] : checkAfterOf(content, client.after, ['clients', index, 'after'], [client]),
    ),
  ];
}

function checkAfterOf(
  content: ScenarioContent,
  after: NonNullable<ScenarioContent['after']>,
  path: ScenarioPath,
  clients: ScenarioContent['clients'],
): Problem[] {
  const compared = after['compare-disk-with'];
  const comparedPath = [...path, 'compare-disk-with'];
  return [
    ...(after.ignore !== undefined && compared === undefined
      ? [{ path: [...path, 'ignore'], expected: 'a comparison (compare-disk-with) beside ignore', got: 'none' }]
      : []),
    ...(after['next-start'] !== undefined && after['boot-from'] !== undefined
      ? [{ path: [...path, 'next-start'], expected: 'one further start: boot-from or next-start', got: 'both' }]
      : []),
    ...(compared !== undefined && !(typeof compared === 'object' && 'client' in compared)
      ? danglingImage(
          content,
          comparedPath,
          compared,
          clients.flatMap((client) => capturedBefore(client, content.clients)),
        )
      : []),
    ...(typeof compared === 'object' && 'client' in compared && path.length === 1
      ? [
          {
            path: comparedPath,
            expected: 'an image for all clients; the disk of a client stands in the `after` of another client',
            got: `client ${JSON.stringify(compared.client)}`,
          },
        ]
      : []),
    ...(after['restored-from'] !== undefined && path.length === 1
      ? [
          {
            path: [...path, 'restored-from'],
            expected: 'restored-from in the `after` of one client, which has that disk',
            got: `client ${JSON.stringify(after['restored-from'])} for all`,
          },
        ]
      : []),
    ...checkVirtualMachines(after, path, clients),
    ...clients
      .filter((client) => !hasDisk(content, client))
      .map((client) => ({
        path,
        expected: 'clients with a disk to look at',
        got: `client ${client.name} without one`,
      })),
  ];
}

/** Whether a client has a disk in every boot: its own, another client's, or the matrix's. */
export function hasDisk({ clients, matrix }: ScenarioContent, client: ScenarioContent['clients'][number]): boolean {
  return bringsDisk(diskOwner(client, clients)) || matrix?.disk !== undefined;
}

function danglingImage(
  content: ScenarioContent,
  path: ScenarioPath,
  image: ImageChoice,
  captured: readonly string[] = [],
): Problem[] {
  const at = typeof image === 'string' ? path : [...path, 'file'];
  return dangling(at, 'image', imageChoice(image).file, [...imagePaths(content), ...captured]);
}

/** A name that names nothing; compared without regard to case, as SMB and Windows accounts are. */
export function dangling(
  path: ScenarioPath,
  kind: string,
  name: string,
  known: readonly string[],
  key?: string,
): Problem[] {
  if (known.some((other) => other.toLowerCase() === name.toLowerCase())) return [];
  const meant = suggest(name, known);
  const list =
    known.length === 0
      ? `the scenario has none`
      : `known: ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
  return [
    {
      path,
      key,
      expected: `a known ${kind}`,
      got: JSON.stringify(name),
      known,
      says: `unknown ${kind} ${JSON.stringify(name)} (${list})`,
    },
  ];
}

function twice(
  values: readonly (string | undefined)[],
  pathOf: (index: number) => ScenarioPath,
  what: string,
): Problem[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    return value === undefined || first === index
      ? []
      : [
          {
            path: pathOf(index),
            expected: `every ${what} once`,
            got: `${JSON.stringify(value)} again`,
            says: `duplicate ${what} ${JSON.stringify(value)} (first: ${formatPath(pathOf(first))})`,
          },
        ];
  });
}
