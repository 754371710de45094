import { backupModeOf, isBackupMode, recoversFiles } from '../backups.ts';
import { directoryOf, hasForeignNextServer, joinOf, rootsOf, usersOf } from '../defaults.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { bootsAgent, isFolder, servedBundle } from '../bundles.ts';
import { dangling, hasDisk } from './references.ts';
import { failureOf } from '../client-order.ts';
import { storiesOf } from '../stories.ts';

// Keys that mean something only beside another key. A scenario that has one without the other is refused: what nobody
// reads would let it pass with nothing checked.

/** Keys that a scenario has, and what they need so that something reads them. */
interface Rule {
  readonly keys: (content: ScenarioContent) => readonly (ScenarioPath | undefined)[];
  readonly needs: string;
  readonly isRead: (content: ScenarioContent) => boolean;
}

type Services = ScenarioContent['services'];
type Client = ScenarioContent['clients'][number];

/** The path of a value that is there. */
const at = (value: unknown, ...path: ScenarioPath): ScenarioPath | undefined =>
  value === undefined ? undefined : path;

/** Keys of a service. */
function ofService<Kind extends Exclude<keyof Services, 'state' | 'programs'>>(
  kind: Kind,
  keys: readonly (string & keyof NonNullable<Services[Kind]>)[],
): Rule['keys'] {
  return ({ services }) => {
    const service: Readonly<Record<string, unknown>> = services[kind] ?? {};
    return keys.map((key) => at(service[key], 'services', kind, key));
  };
}

const ofKnown =
  (...keys: readonly (keyof NonNullable<NonNullable<Services['devices']>['known']>[number])[]): Rule['keys'] =>
  ({ services }) =>
    (services.devices?.known ?? []).flatMap((known, index) =>
      keys.map((key) => at(known[key], 'services', 'devices', 'known', index, key)),
    );

const ofClients =
  (find: (client: Client) => readonly (readonly [key: string, value: unknown])[]): Rule['keys'] =>
  ({ clients }) =>
    clients.flatMap((client, index) =>
      find(client).map(([key, value]) => at(value, 'clients', index, ...key.split('.'))),
    );

/** Whether a boot file service has a bundle whose boot image has the agent; an unknown one is a problem of its own. */
const mayBootAgent = (content: ScenarioContent): boolean =>
  rootsOf(content).some((root) => bootsAgent(root) || (!isFolder(root) && servedBundle(root) === undefined));
const isPlayed = ({ plays }: Client): boolean => plays !== undefined;

/** Whether a computer may have to wait for an administrator. */
const mayWait = ({ services: { devices } }: ScenarioContent): boolean =>
  devices?.unknown === 'pending' || (devices?.known ?? []).some(({ status }) => status === 'pending');
const hasAnswerFile = ({ services: { control, devices } }: ScenarioContent): boolean =>
  control !== undefined &&
  (Object.keys(control['answer-files'] ?? {}).length > 0 ||
    (devices?.known ?? []).some((known) => known['answer-file'] !== undefined));
const negotiates = (kind: 'pxe' | 'second-pxe'): Rule['keys'] =>
  ofService(kind, ['prompt', 'bcd', 'boot-programs', 'referral', 'option-250']);

const RULES: readonly Rule[] = [
  {
    keys: ({ clients, after }) =>
      clients.map((client, index) =>
        (client.after ?? after)?.['next-start'] === undefined
          ? at(client['next-boot-order'], 'clients', index, 'next-boot-order')
          : undefined,
      ),
    needs: 'a start that has it (after.next-start)',
    isRead: () => false,
  },
  {
    keys: ({ services }) => [at(services.authentication, 'services', 'authentication')],
    needs: 'a service that asks for a logon (images or control), kind: active-directory, or a client that logs on',
    isRead: (content) =>
      content.services.images !== undefined ||
      content.services.control !== undefined ||
      content.clients.some((client) => client['deploys-as'] !== undefined) ||
      directoryOf(content) !== undefined,
  },
  {
    keys: ofService('images', ['packages']),
    needs:
      'an answer file that can name packages (services.control, and answer-files there or answer-file of a known computer)',
    isRead: hasAnswerFile,
  },
  {
    keys: ofService('images', ['driver-packages']),
    needs: 'services.control, which offers them',
    isRead: ({ services }) => services.control !== undefined,
  },
  {
    keys: ofService('images', ['writable']),
    needs: 'authentication of kind standalone: only its store can be written to',
    isRead: (content) => directoryOf(content) === undefined,
  },
  {
    keys: ofService('control', ['answer-files', 'answer-files-override']),
    needs: 'services.images, whose share has the answer files',
    isRead: ({ services }) => services.images !== undefined,
  },
  {
    keys: ofKnown('answer-file'),
    needs: 'services.control, which tells clients of it, and services.images, whose share has it',
    isRead: ({ services }) => services.control !== undefined && services.images !== undefined,
  },
  {
    keys: ofKnown('join'),
    needs: 'services.control, or authentication of kind active-directory, which know of joins',
    isRead: (content) => content.services.control !== undefined || directoryOf(content) !== undefined,
  },
  { keys: ofKnown('boot-program', 'message'), needs: 'services.pxe, which tells clients of it', isRead: hasPxe },
  {
    keys: ofService('devices', ['unknown', 'administrator']),
    needs: 'services.pxe, which asks for it',
    isRead: hasPxe,
  },
  {
    keys: (content) => (['pxe', 'second-pxe'] as const).flatMap((kind) => ofService(kind, ['approval'])(content)),
    needs:
      'a computer that may have to wait (services.devices with unknown: pending, or a known one with status: pending)',
    isRead: mayWait,
  },
  {
    keys: ofClients((client) => [['polls-for', client['polls-for']]]),
    needs:
      'a computer that may have to wait (services.devices with unknown: pending, or a known one with status: pending)',
    isRead: mayWait,
  },
  ...(['pxe', 'second-pxe'] as const).map((kind) => ({
    keys: negotiates(kind),
    needs: 'a client that negotiates with it (plays: wdsnbp), or a folder of your own that has wdsnbp.com',
    isRead: (content: ScenarioContent) => content.clients.some(isPlayed) || rootsOf(content).some(isFolder),
  })),
  {
    keys: ofClients((client) => [['agent.mode', backupModeOf(client) === undefined ? undefined : client.agent?.mode]]),
    needs: 'services.backups, and a bundle as root of tftp or http, whose boot image has the agent',
    isRead: (content) => content.services.backups !== undefined && mayBootAgent(content),
  },
  {
    keys: ofClients((client) => [['agent.mode', recoversFiles(client) ? 'recover' : undefined]]),
    needs: 'services.backups, whose files it recovers',
    isRead: ({ services }) => services.backups !== undefined,
  },
  {
    keys: ({ services }) =>
      (services['boot-menu']?.entries ?? []).map(({ mode }, index) =>
        at(isBackupMode(mode) ? mode : undefined, 'services', 'boot-menu', 'entries', index, 'mode'),
      ),
    needs: 'services.backups',
    isRead: ({ services }) => services.backups !== undefined,
  },
  {
    keys: ofClients(({ agent, ...client }) => [
      ['agent.mode', backupModeOf({ agent, ...client }) === undefined ? agent?.mode : undefined],
      ['agent.by', agent?.by],
      ['agent.logon', agent?.logon],
      ['agent.unattended', agent?.unattended],
    ]),
    needs: 'services.images, and a bundle as root of tftp or http, whose boot image has the agent',
    isRead: (content) => content.services.images !== undefined && mayBootAgent(content),
  },
  {
    keys: ofClients(({ agent }) => [['agent.image', agent?.image]]),
    needs: 'a bundle as root of tftp or http, whose boot image has the agent',
    // Without a store the image is unknown, which is a problem of its own.
    isRead: (content) => content.services.images === undefined || mayBootAgent(content),
  },
  {
    keys: (content) =>
      content.clients.flatMap((client, index) =>
        hasDisk(content, client) || isPlayed(client)
          ? []
          : (['disk-interface', 'disk-block-size'] as const).map((key) => at(client[key], 'clients', index, key)),
      ),
    needs: 'a disk: disk, disk-image, disk-of, or disk in the matrix',
    isRead: () => false,
  },
  {
    keys: ({ matrix }) => [at(matrix, 'matrix')],
    needs: 'a client with a VM: its axes say what VMs are made of',
    isRead: ({ clients }) => !clients.every(isPlayed),
  },
  {
    keys: ({ strict }) => [at(strict === true ? strict : undefined, 'strict')],
    needs: 'steps: it allows nothing but the named ones',
    isRead: (content) => storiesOf(content).some(({ steps }) => steps.length > 0),
  },
  {
    keys: ({ budgets }) => [at(budgets?.proxy, 'budgets', 'proxy')],
    needs: 'a boot server that is asked on port 4011 (services.pxe, or vendor-class: PXEClient of services.dhcp)',
    isRead: (content) =>
      hasPxe(content) || content.services.dhcp?.['vendor-class'] !== undefined || hasPrograms(content),
  },
  {
    keys: ({ budgets }) => (['nbp', 'kernel', 'os'] as const).map((phase) => at(budgets?.[phase], 'budgets', phase)),
    needs: 'a server of boot files (services.tftp, services.http or a next-server)',
    isRead: (content) => rootsOf(content).length > 0 || hasForeignNextServer(content) || hasPrograms(content),
  },
  {
    keys: ({ budgets }) =>
      (['authentication', 'image'] as const).map((phase) => at(budgets?.[phase], 'budgets', phase)),
    needs: 'services.images, or services.control to log on to, or a server of your own (services.programs)',
    isRead: (content) =>
      content.services.images !== undefined || content.services.control !== undefined || hasPrograms(content),
  },
];

function hasPxe({ services }: ScenarioContent): boolean {
  return services.pxe !== undefined || services['second-pxe'] !== undefined;
}

/** What the user's own programs serve, nobody can know. */
function hasPrograms({ services }: ScenarioContent): boolean {
  return services.programs !== undefined;
}

/** Keys that nothing would read. */
export function checkUnread(content: ScenarioContent): Problem[] {
  return [
    ...RULES.flatMap(({ keys, needs, isRead }) =>
      isRead(content)
        ? []
        : keys(content).flatMap((path): Problem[] =>
            path === undefined
              ? []
              : [{ path, expected: `beside ${String(path.at(-1))} ${needs}`, got: 'none, so that nothing reads it' }],
          ),
    ),
    ...checkWriters(content),
    ...checkAfter(content),
  ];
}

/** Users that may write to the store, against those that there are. */
function checkWriters(content: ScenarioContent): Problem[] {
  const writers = content.services.images?.writable;
  if (!Array.isArray(writers)) return [];
  const users = usersOf(content).map(({ name }) => name);
  return writers.flatMap((name, index) => dangling(['services', 'images', 'writable', index], 'user', name, users));
}

/** What is to be true afterwards, of whom nobody looks at afterwards. */
function checkAfter(content: ScenarioContent): Problem[] {
  const common = content.clients.filter((client) => client.after === undefined && !isPlayed(client));
  return [
    ...checkAfterOf(content, content.after, ['after'], common),
    ...content.clients.flatMap((client, index) =>
      isPlayed(client) ? [] : checkAfterOf(content, client.after, ['clients', index, 'after'], [client]),
    ),
  ];
}

function checkAfterOf(
  content: ScenarioContent,
  after: ScenarioContent['after'],
  path: ScenarioPath,
  clients: readonly Client[],
): Problem[] {
  if (after === undefined) return [];
  if (Object.keys(after).length === 0)
    return [{ path, expected: 'something that must be true afterwards', got: 'an empty map' }];
  if (clients.length === 0)
    return [
      {
        path,
        expected: 'a VM to look at afterwards',
        got: 'only clients that are played, or that have an `after` of their own',
      },
    ];
  const looked = clients.filter((client) => failureOf(client, content) === undefined);
  if (looked.length === 0)
    return [
      {
        path,
        expected: 'a client that is to pass: nobody looks at a disk after a failure',
        got: 'only clients whose failure is expected',
      },
    ];
  const strangers =
    after.joined === true && directoryOf(content)
      ? looked.filter(({ name }) => joinOf(content, name) === undefined)
      : [];
  return strangers.map(({ name }) => ({
    path: [...path, 'joined'],
    expected: 'computers that join the domain (services.devices.known with client, name and join)',
    got: `client ${name}, which joins none`,
  }));
}
