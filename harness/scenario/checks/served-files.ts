import type { CauseWords } from '../../protocols/base/judge/vocabulary.ts';
import { CAUSES } from '../../protocols/words.ts';
import { FILE_SERVICES, hasForeignNextServer, rootsOf, type FileService } from '../defaults.ts';
import { ipxeScriptOf, isIpxe } from '../boot-programs.ts';
import type { Scenario } from '../scenario.ts';
import {
  extraParts,
  rootParts,
  storeParts,
  grubConfigurations,
  grubOf,
  PXELINUX_CONFIGURATIONS,
  type TreePart,
} from '../trees.ts';
import { bootsAgent, DEFAULT_BUNDLE, isFolder, servedBundle } from '../bundles.ts';
import { machinesOf } from '../matrix/expand-matrix.ts';
import type { Machine } from '../matrix/machine.ts';
import { treeOf, type Tree } from '../tree.ts';

/** What clients can load from the scenario's own servers. */
export interface ServedFiles {
  /** All files of all services. */
  readonly tree: Tree;
  /** The same, and what a scenario leaves out of it. */
  readonly whole: Tree;
  /** Roots, as messages name them. */
  readonly where: string;
}

/**
 * Files of the scenario's boot file services; undefined where nobody can know them: it has no such service, other servers
 * have boot files, too (`next-server`, programs of the user's own), or its bundle is unknown (which is a problem of its
 * own).
 */
export function servedFiles(scenario: Scenario): ServedFiles | undefined {
  const elsewhere = hasForeignNextServer(scenario) || scenario.services.programs !== undefined;
  return elsewhere ? undefined : servedBy(scenario, FILE_SERVICES);
}

/** Files of these services; undefined where the scenario has none of them, or one with an unknown bundle. */
export function servedBy(scenario: Scenario, kinds: readonly FileService[]): ServedFiles | undefined {
  const { tftp, http } = scenario.services;
  const services = kinds.filter((kind) => scenario.services[kind] !== undefined);
  const roots = rootsOf(scenario, kinds);
  if (services.length === 0 || roots.some((root) => !isFolder(root) && !servedBundle(root))) return undefined;
  const parts = services.flatMap((kind) => fileParts(scenario, kind));
  const extra = services.some((kind) => Object.keys(scenario.services[kind]?.files ?? {}).length > 0);
  const { folder } = scenario.source;
  return {
    tree: treeOf(parts, folder, [...(tftp?.without ?? []), ...(http?.without ?? [])]),
    whole: treeOf(parts, folder),
    where: [...new Set([...roots, ...(extra ? ['files'] : [])])].join(', '),
  };
}

/** Everything below the root of one service. */
export function fileParts(scenario: Scenario, kind: FileService): TreePart[] {
  const { root = DEFAULT_BUNDLE, files } = scenario.services[kind] ?? {};
  const firmwares = machinesOf(scenario).map(({ firmware }) => firmware);
  const isOfIpxe = ({ 'boot-program': program }: Machine): boolean => program !== undefined && isIpxe(program);
  const grubs = machinesOf(scenario).flatMap((machine) => (isOfIpxe(machine) ? [] : (grubOf(machine.firmware) ?? [])));
  const scripts = machinesOf(scenario).flatMap((machine) =>
    isOfIpxe(machine) ? [ipxeScriptOf(machine.firmware)] : [],
  );
  const bios =
    scenario.clients.some(({ plays }) => plays !== undefined) ||
    machinesOf(scenario).some(({ firmware }) => firmware === 'bios');
  // The boot programs' configurations; a client's own, by its MAC address, is a name that boot programs only try.
  const configurations = !bootsAgent(root)
    ? []
    : [
        ...(bios ? [PXELINUX_CONFIGURATIONS.common] : []),
        ...[...new Set(grubs)].map((places) => grubConfigurations(places).common),
        ...new Set(scripts),
      ];
  return [
    ...rootParts(scenario, kind, firmwares),
    ...configurations.map((path): TreePart => ({ path, file: { text: '' } })),
    ...extraParts(files),
  ];
}

/** What lies on the share; undefined without one, and for a stored state, to which others may have added images. */
export function storedFiles(scenario: Scenario): Tree | undefined {
  if (scenario.services.images === undefined || scenario.services.state !== undefined) return undefined;
  return treeOf(storeParts(scenario), scenario.source.folder);
}

/** Whether a failure is that a file is not there, or may be: then a scenario may name one that is not there. */
export function wantsAbsence(failure: Scenario['expect-failure']): boolean {
  if (failure === undefined) return false;
  const words: CauseWords | undefined = failure.cause === undefined ? undefined : CAUSES[failure.cause];
  return words === undefined || words.absent === true;
}
