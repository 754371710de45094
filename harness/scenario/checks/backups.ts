import { backupModeOf, isSavedByHypervisor, recoversFiles, restoredFrom, snapshotsOf } from '../backups.ts';
import { byName, failureOf, predecessors } from '../client-order.ts';
import { addressesOf, hypervisorOf, joinOf } from '../defaults.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { dangling, hasDisk } from './references.ts';

type Client = ScenarioContent['clients'][number];

const OF_IMAGES = ['image', 'by', 'logon', 'unattended'] as const;
/** Roles of a client whose disk is in the store when its story is over. */
const SAVED = ['backup', 'work'] as const;
const OF_STORE = ['backup', 'store-password'] as const;

/** Clients that save or restore their disks, against the store, their disks, and one another. */
export function checkBackups(content: ScenarioContent): Problem[] {
  return content.clients.flatMap((client, index) => {
    const path = ['clients', index];
    const mode = backupModeOf(client);
    const foreign = mode === 'work' ? [] : checkHot(client, path);
    if (mode === undefined) return [...foreign, ...checkForeign(client, path)];
    return [
      ...foreign,
      ...checkIgnored(client, content, path),
      ...(hasDisk(content, client)
        ? []
        : [
            {
              path: [...path, 'agent', 'mode'],
              expected: 'a client with a disk (disk, disk-image, disk-of, or disk in the matrix)',
              got: 'none',
            },
          ]),
      ...(mode === 'restore' ? checkChosen(client, content, path) : []),
      ...(mode === 'work' ? checkWork(client, content, path) : []),
    ];
  });
}

/** Keys of a client that is saved while it works on one that is not. */
function checkHot({ agent = {}, 'hot-backups': hot }: Client, path: ScenarioPath): Problem[] {
  return hot === undefined
    ? []
    : [
        {
          path: [...path, 'hot-backups'],
          expected: 'agent.mode: work beside hot-backups',
          got: `mode ${agent.mode ?? 'install'}, which ends by itself`,
        },
      ];
}

/** Who has which address, but for the hypervisor of this client. */
function hostsBeside(client: Client, content: ScenarioContent): ReadonlyMap<string, string> {
  return new Map([
    ...content.clients
      .filter((other) => other !== client && isSavedByHypervisor(other))
      .map((other): [string, string] => [hypervisorOf(other, content), `the hypervisor of ${other.name}`]),
    ...(content.services.programs ?? []).map(({ name, at }): [string, string] => [at, `program ${name}`]),
    ...Object.entries(addressesOf(content)).map(([kind, ip]): [string, string] => [ip, `services.${kind}`]),
  ]);
}

/** A client that is saved while it works, against the system that it needs to work with, and who saves it. */
function checkWork(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { 'disk-image': image, 'disk-of': other } = client;
  return [
    ...(image !== undefined || other !== undefined || failureOf(client, content) !== undefined
      ? []
      : [
          {
            path: [...path, 'agent', 'mode'],
            expected: 'a client whose disk has a system to work with (disk-image or disk-of)',
            got: 'an empty disk',
          },
        ]),
    ...(snapshotsOf(client) === undefined ? checkHypervisor(client, content, path) : checkSnapshots(client, path)),
  ];
}

/** Backups of a client by its own agent: the hypervisor has no part in them. */
function checkSnapshots({ 'hot-backups': { take = [], at, every } = {} }: Client, path: ScenarioPath): Problem[] {
  const words = take.map((how) => (typeof how === 'object' ? 'snapshot' : how));
  return [
    ...(words.every((how) => how === 'snapshot')
      ? []
      : [
          {
            path: [...path, 'hot-backups', 'take'],
            expected:
              'either snapshot alone, which the agent takes, or frozen and unfrozen, which the hypervisor takes',
            got: words.join(', '),
          },
        ]),
    ...(every === undefined
      ? []
      : [
          {
            path: [...path, 'hot-backups', 'every'],
            expected: 'a hypervisor that saves the disk (take: frozen or unfrozen) beside every',
            got: 'snapshots, which the agent takes one after the other',
          },
        ]),
    ...(at === undefined
      ? []
      : [
          {
            path: [...path, 'hot-backups', 'at'],
            expected: 'a hypervisor that saves the disk (take: frozen or unfrozen) beside at',
            got: 'snapshots, which the agent saves from its own address',
          },
        ]),
  ];
}

/** Backups of a client by its hypervisor: it has an address of its own, and the agent uses none of the store's keys. */
function checkHypervisor(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { agent = {}, 'hot-backups': hot } = client;
  const address = hypervisorOf(client, content);
  const holder = hostsBeside(client, content).get(address);
  return [
    ...(holder === undefined
      ? []
      : [
          {
            path: [...path, ...(client['hot-backups']?.at === undefined ? ['agent', 'mode'] : ['hot-backups', 'at'])],
            expected: 'an address for its hypervisor that no other host has (hot-backups.at)',
            got: `${address}, which ${holder} has`,
          },
        ]),
    ...(hot?.every === undefined || (hot.take?.length ?? 1) > 1
      ? []
      : [
          {
            path: [...path, 'hot-backups', 'every'],
            expected: 'several backups in take beside every',
            got: 'one, which nothing follows',
          },
        ]),
    ...(agent['store-password'] === undefined
      ? []
      : [
          {
            path: [...path, 'agent', 'store-password'],
            expected: 'mode: backup or restore, or snapshots in hot-backups, beside store-password',
            got: 'mode work, in which the hypervisor saves the disk',
          },
        ]),
  ];
}

/** Keys of the store on a client that does not use it. */
function checkForeign(client: Client, path: ScenarioPath): Problem[] {
  const { agent = {} } = client;
  return OF_STORE.flatMap((key) =>
    agent[key] === undefined || (key === 'backup' && recoversFiles(client))
      ? []
      : [
          {
            path: [...path, 'agent', key],
            expected:
              key === 'backup' ? 'mode: restore or recover beside backup' : `mode: backup or restore beside ${key}`,
            got: `mode ${agent.mode ?? 'install'}, which does not use it`,
          },
        ],
  );
}

/** What nobody reads of a client that saves or restores its disk. */
function checkIgnored(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { agent = {}, name } = client;
  const got = `mode ${agent.mode ?? 'install'}, which does not use it`;
  return [
    ...OF_IMAGES.flatMap((key) =>
      agent[key] === undefined
        ? []
        : [{ path: [...path, 'agent', key], expected: `mode: install or capture beside ${key}`, got }],
    ),
    ...(agent.mode !== 'restore' && agent.backup !== undefined
      ? [{ path: [...path, 'agent', 'backup'], expected: 'mode: restore beside backup', got }]
      : []),
    ...(joinOf(content, name) === undefined
      ? []
      : [{ path: [...path, 'agent', 'mode'], expected: 'mode: install of a computer that joins a domain', got }]),
  ];
}

/**
 * The backup that a client restores, or recovers files of, against those that there will be: of a client that was saved before, or what earlier
 * runs left in a folder that is kept. A scenario that expects a failure may ask for one that is not there.
 */
export function checkChosen(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { clients, services } = content;
  if (services.backups?.store !== undefined || failureOf(client, content) !== undefined) return [];
  const of = restoredFrom(client);
  const at = [...path, 'agent', ...(client.agent?.backup?.of === undefined ? ['mode'] : ['backup', 'of'])];
  const unknown = dangling(
    at,
    'client',
    of,
    clients.map(({ name }) => name),
  );
  if (unknown.length > 0) return unknown;
  const saved = predecessors(client, clients).filter((other) => SAVED.some((one) => one === backupModeOf(other)));
  const { id } = client.agent?.backup ?? {};
  return [
    ...(byName(of, saved) === undefined
      ? [
          {
            path: at,
            expected: `a client with agent.mode ${SAVED.join(' or ')} whose story is over by then (${saved.map(({ name }) => name).join(', ') || 'none is: see starts-after'}), or services.backups.store with earlier backups`,
            got: JSON.stringify(of),
          },
        ]
      : []),
    ...(id === undefined || id === 'latest'
      ? []
      : [
          {
            path: [...path, 'agent', 'backup', 'id'],
            expected: 'latest: a backup of the same run has no id that is known before (see services.backups.store)',
            got: JSON.stringify(id),
          },
        ]),
  ];
}
