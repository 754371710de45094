import type { IForbiddenRuleType } from 'dependency-cruiser';
import { PROTOCOLS } from '../protocols/index.ts';

// Import direction between folders, checked by dependency-cruiser (`npm run check:imports`).
//
// A folder may import from itself, from npm packages, and from the folders that its row names; nothing else. What
// judges is pure: no Node I/O, so that a replay gives the same verdict. Type-only imports count inside
// `harness/protocols`, where a room must be readable without those above it; elsewhere they are free, since they vanish
// before the program runs.

/** Rooms, and the rooms below each that it may import from. `base` is below all of them. */
const ROOMS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  PROTOCOLS.map(({ name, over = [] }) => [name, over]),
);

/** Folders, what each may import, and whether it is pure. A name stands for the folder and everything below it. */
export const FOLDERS: Readonly<Record<string, { readonly may: readonly string[]; readonly pure?: true }>> = {
  'harness/packet': { may: [], pure: true },
  'harness/protocols': { may: ['harness/packet'], pure: true },
  'harness/observe': { may: ['harness/protocols', 'harness/packet'], pure: true },
  'harness/profiles': { may: ['harness/protocols', 'harness/packet'], pure: true },
  'harness/verdict': {
    may: [
      'harness/profiles',
      'harness/protocols',
      'harness/observe',
      'harness/plan',
      'harness/packet',
      'servers/service/defined',
    ],
    pure: true,
  },
  // What a service can be told is the service's to say, and a word of scenarios: declarations, no service.
  'harness/scenario': {
    may: [
      'harness/qemu-wrapper/src/(spec/(disk-image|machines|nic-models)|firmware-vars/files)',
      'harness/packet/byte-order',
      'harness/protocols',
      'servers/.+/misbehaviours',
      'servers/images/backups/convert/formats',
      'servers/service/(defined|is-below|name-patterns|program-file|reference-lab)',
      'servers/state/device-status',
      'vm-images/(boot-configurations|bundle-contents|bundled-images|comparison/ignored-paths)',
    ],
  },
  'harness/plan': {
    may: [
      'harness/scenario',
      'harness/protocols',
      'servers/service/(defined|reference-lab)',
      'servers/authentication/directory-ports',
      'vm-images/(agent-options|boot-configurations)',
      'vm-images/domain-names',
      'vm-images/comparison/ignored-paths',
    ],
  },
  'harness/lab': {
    may: [
      'harness/plan',
      'harness/setup/installation',
      'servers/service/(is-below|program-file)',
      'servers/state/device-store',
      'reports/unwritten-file',
    ],
  },
  'harness/played-clients': { may: ['harness/packet', 'harness/protocols/[^/]+/wire'] },
  'harness/qemu-wrapper': { may: [] },
  'harness/tcpdump-wrapper': { may: [] },
  'harness/run': {
    may: [
      'harness/lab',
      'harness/verdict',
      'harness/plan',
      'harness/protocols/(dissect|chosen-ports)',
      'harness/packet',
      'harness/setup/(install|installation|requirements)',
      'harness/played-clients/wdsnbp/settings',
      'harness/qemu-wrapper',
      'harness/tcpdump-wrapper',
      'servers/images/(backups/(schedule|convert/formats)|backup-store/manifest)',
      'servers/service/(exit-codes|program-file)',
      'servers/state/job-log',
      'vm-images',
      'reports/(attempts|client-addresses|client-reasons|file-names|statistics|text|unwritten-file|worst-verdict)',
    ],
  },
  // Decides from facts, which are pure, and reads and writes around them.
  'harness/record': {
    may: [
      'harness/run/(replay/replay|judged-with|open-capture)',
      'harness/observe',
      'harness/profiles',
      'harness/scenario',
      'harness/protocols',
      'harness/packet',
      'harness/qemu-wrapper/src/spec/nic-models',
      'servers/service/(defined|reference-lab)',
      'vm-images/bundle-contents',
      'reports/(client-addresses|text)',
    ],
  },
  'harness/record/compare': {
    may: [
      'harness/record/(telling-details|record-error)',
      'harness/protocols',
      'servers/service/defined',
      'reports/(client-addresses|text)',
    ],
    pure: true,
  },
  'harness/record/facts': { may: ['harness/protocols', 'harness/packet'], pure: true },
  'harness/record/decide': {
    may: [
      'harness/record/(commented|telling-details)',
      'harness/record/facts',
      'harness/scenario',
      'harness/protocols',
      'harness/packet',
      'harness/qemu-wrapper/src/spec/nic-models',
      'servers/service/reference-lab',
      'vm-images/bundle-contents',
      'reports/text',
    ],
    pure: true,
  },
  'harness/vitest': { may: ['harness/scenario', 'harness/plan', 'harness/run/host', 'reports'] },
  'harness/setup': {
    may: [
      'harness/qemu-wrapper/src/spec/nic-models',
      'harness/scenario/schema',
      'harness/profiles',
      'harness/protocols',
      'servers/service/is-below',
      'vm-images',
      'reports/(result-schema|result-tables|html/(bundle-viewer|viewer-script))',
    ],
  },
  'harness/cli': {
    may: [
      'harness/qemu-wrapper',
      'harness/run',
      'harness/record',
      'harness/profiles',
      'harness/plan',
      'harness/scenario',
      'harness/lab/(host-checks|tied-to-parent)',
      'harness/setup',
      'servers/images/backup-store/manifest',
      'servers/service/(exit-codes|program-file)',
      'vm-images',
      'reports',
    ],
  },
  'harness/bench': {
    may: [
      'harness/played-clients',
      'harness/setup/installation',
      'harness/tcpdump-wrapper',
      'harness/run/(replay|lab/lab-usage)',
      'harness/lab/tree',
      'harness/scenario',
      'harness/plan',
      'harness/observe',
      'harness/verdict',
      'servers/service/reference-lab',
      'servers/images/backup-store/quick-key',
      'vm-images',
      'reports',
    ],
  },
  'servers/service': { may: [] },
  'servers/state': { may: ['servers/service'] },
  'servers/samba': { may: ['servers/service', 'harness/protocols/smb/wire'] },
  'servers/boot': { may: ['servers/service', 'servers/state', 'harness/packet', 'harness/protocols/[^/]+/wire'] },
  'servers/authentication': { may: ['servers/service', 'servers/samba', 'harness/protocols/[^/]+/wire'] },
  'servers/images': {
    may: ['servers/service', 'servers/state', 'servers/samba', 'harness/packet', 'harness/protocols/[^/]+/wire'],
  },
  'vm-images': { may: ['servers/service/(program-file|reference-lab)', 'servers/images/backup-store/manifest'] },
  reports: { may: [] },
};

const NODE_IO =
  '^(fs|fs/promises|net|dgram|http|https|child_process|worker_threads|cluster|tls|dns|os|process|timers|timers/promises)$';
const OURS = '^(harness|servers|vm-images|reports|scenarios)/';
const NOT_TESTS = '\\.test\\.ts$|/(testing|testdata)/';

/** `from` imports only from itself and from `may`; type-only imports count where `typesToo` says so. */
function only(name: string, from: string, may: readonly string[], typesToo: boolean): IForbiddenRuleType {
  return {
    name,
    severity: 'error',
    comment: `${from} may import from: ${may.join(', ') || 'itself'} (harness/setup/import-direction.ts)`,
    from: { path: `^${from}/`, pathNot: NOT_TESTS },
    to: {
      path: OURS,
      pathNot: [from, ...may].map((folder) => `^${folder}(/|\\.|$)`),
      ...(typesToo ? {} : { dependencyTypesNot: ['type-only'] }),
    },
  };
}

/** What a part of a room sees of its own room and of those below it. */
function roomRule(
  room: string,
  part: string,
  sees: readonly string[],
  also: readonly string[] = [],
): IForbiddenRuleType {
  const rooms = [room, 'base', ...(ROOMS[room] ?? [])].join('|');
  return only(
    `room-${room}-${part}`,
    `harness/protocols/${room}/${part}`,
    ['harness/packet', ...also, ...sees.map((other) => `harness/protocols/(${rooms})/${other}`)],
    true,
  );
}

const rooms = ['base', ...Object.keys(ROOMS)].flatMap((room) => [
  roomRule(room, 'wire', ['wire']),
  roomRule(room, 'observe', ['wire', 'observe']),
  roomRule(room, 'judge', ['wire', 'observe', 'judge']),
  // The room's declaration is all that the rest of the harness sees of it.
  roomRule(room, 'index.ts', ['wire', 'observe', 'judge'], ['harness/protocols/protocol']),
]);

/** dependency-cruiser's rules. */
export const forbidden: readonly IForbiddenRuleType[] = [
  ...rooms,
  ...Object.entries(FOLDERS).map(([folder, { may }]) =>
    only(`direction-${folder.replaceAll('/', '-')}`, folder, may, false),
  ),
  {
    name: 'misbehaviours-are-declarations',
    severity: 'error',
    comment: 'scenarios read them, so they may import only words and wire registries, not the service',
    from: { path: '^servers/.+/misbehaviours\\.ts$' },
    to: {
      path: [OURS, NODE_IO],
      pathNot: ['^servers/service/misbehaviour-words\\.ts$', '^harness/protocols/[^/]+/wire/'],
    },
  },
  {
    name: 'no-import-circle',
    severity: 'error',
    comment: 'a circle of imports: move the shared piece down',
    from: { pathNot: NOT_TESTS },
    to: { circular: true },
  },
  {
    name: 'what-judges-is-pure',
    severity: 'error',
    comment: 'code that judges has no Node I/O, so that a replay gives the same verdict',
    from: {
      path: [
        '^harness/protocols/',
        ...Object.entries(FOLDERS).flatMap(([folder, { pure }]) => (pure ? [`^${folder}/`] : [])),
      ],
      pathNot: NOT_TESTS,
    },
    to: { path: NODE_IO, dependencyTypes: ['core'] },
  },
];
