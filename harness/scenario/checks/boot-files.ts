import { readdir } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { DEFAULT_BUNDLE, isFolder, servedBundle } from './bundles.ts';
import type { Firmware } from '../../protocols/dhcp/wire/architectures.ts';
import { addressesOf, ARCHITECTURE_OF, bootFilesOf } from '../defaults.ts';
import { matrixPoints } from '../matrix.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { suggest } from '../parsing/suggest.ts';

/**
 * Boot files that a scenario names against those that it serves, and firmwares against the boot programs of bundles. A
 * scenario that expects a failure may be wrong about both: that may be what it shows. So may one whose boot files
 * another server has (`next-server`), or that serves none.
 */
export async function checkBootFiles(scenario: Scenario): Promise<Problem[]> {
  const { dhcp, pxe, tftp, http, 'second-pxe': second } = scenario.services;
  const roots = [tftp, http].flatMap((service) => (service === undefined ? [] : [service.root ?? DEFAULT_BUNDLE]));
  const bundles = roots.filter((root) => !isFolder(root));
  const own = Object.values(addressesOf(scenario));
  const elsewhere = [dhcp, pxe, second].some(
    (service) => service?.['next-server'] !== undefined && !own.includes(service['next-server']),
  );
  // An unknown bundle is a problem of its own, and nothing is known about what it holds.
  if (
    scenario['expect-failure'] !== undefined ||
    scenario.clients.some((client) => client['expect-failure'] !== undefined) ||
    roots.length === 0 ||
    elsewhere ||
    bundles.some((name) => !servedBundle(name))
  )
    return [];
  const extra = [tftp, http].flatMap((service) => Object.keys(service?.files ?? {})).map(comparable);
  const without = new Set([tftp, http].flatMap((service) => service?.without ?? []).map(comparable));
  const bundled = bundles.flatMap((name) => [
    ...Object.keys(servedBundle(name)?.programs ?? {}),
    ...(servedBundle(name)?.files ?? []),
  ]);
  const known = [...extra, ...bundled].filter((path) => !without.has(comparable(path)));
  const folders = roots.filter(isFolder).map((root) => resolve(scenario.source.folder, root));
  const named = namedBootFiles(scenario);
  const missing = await Promise.all(
    named.map(async ({ path, name }) =>
      (await isServed(name, known, folders))
        ? []
        : [missingBootFile(path, name, known, [...roots, ...(extra.length > 0 ? ['files'] : [])])],
    ),
  );
  return [
    ...missing.flat(),
    ...(folders.length > 0 || named.some(({ name }) => extra.includes(comparable(name)))
      ? []
      : checkFirmwares(scenario, bundles)),
  ];
}

/**
 * One for every name that stands in the scenario. Names with a scheme are for iPXE, which fetches them wherever they
 * are.
 */
function namedBootFiles({ services: { dhcp, pxe } }: Scenario): { path: ScenarioPath; name: string }[] {
  const ofService = (
    kind: 'dhcp' | 'pxe',
    service: typeof dhcp | typeof pxe,
  ): { path: ScenarioPath; name: string }[] => [
    ...(service?.bootfile === undefined ? [] : [{ path: ['services', kind, 'bootfile'], name: service.bootfile }]),
    ...Object.entries(service?.bootfiles ?? {}).map(([architecture, name]) => ({
      path: ['services', kind, 'bootfiles', architecture],
      name,
    })),
  ];
  const ofMenu = (pxe?.menu?.entries ?? []).flatMap((entry, index) =>
    entry.bootfile === undefined || entry.servers
      ? []
      : [{ path: ['services', 'pxe', 'menu', 'entries', index, 'bootfile'], name: entry.bootfile }],
  );
  return [...ofService('dhcp', dhcp), ...ofService('pxe', pxe), ...ofMenu].filter(
    ({ name }) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(name),
  );
}

function missingBootFile(
  path: ScenarioPath,
  name: string,
  known: readonly string[],
  where: readonly string[],
): Problem {
  const meant = suggest(comparable(name), known);
  const says = `boot file ${JSON.stringify(name)} is not among the files that are served (${[...new Set(where)].join(', ')}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}); a scenario for this failure needs expect-failure`;
  return { path, expected: 'a boot file that is served', got: JSON.stringify(name), known, says };
}

/** Slash or backslash, with or without the first one, in whatever case: as TFTP servers of Windows take names. */
const comparable = (name: string): string => posix.join('/', name.replaceAll('\\', '/')).slice(1).toLowerCase();

async function isServed(name: string, known: readonly string[], folders: readonly string[]): Promise<boolean> {
  if (known.some((path) => comparable(path) === comparable(name))) return true;
  return (await Promise.all(folders.map((folder) => isBelow(folder, comparable(name).split('/'))))).includes(true);
}

async function isBelow(folder: string, [first = '', ...rest]: readonly string[]): Promise<boolean> {
  // Not there, or no folder: the name is not below it.
  const entries = await readdir(folder).catch((): string[] => []);
  const found = entries.filter((entry) => entry.toLowerCase() === first);
  return rest.length === 0
    ? found.length > 0
    : (await Promise.all(found.map((entry) => isBelow(join(folder, entry), rest)))).includes(true);
}

/** The boot file that a firmware gets: of the PXE server, or else of the DHCP server. */
function bootFileFor(scenario: Scenario, firmware: Firmware): string | undefined {
  const { pxe, dhcp } = scenario.services;
  const architecture = ARCHITECTURE_OF[firmware];
  return (
    (pxe === undefined ? undefined : (bootFilesOf(scenario, pxe)[architecture] ?? pxe.bootfile)) ??
    dhcp?.bootfiles?.[architecture] ??
    dhcp?.bootfile
  );
}

function checkFirmwares(scenario: Scenario, bundles: readonly string[]): Problem[] {
  const programs = bundles
    .flatMap((name) => Object.entries(servedBundle(name)?.programs ?? {}))
    .map(([program, firmware]) => ({ program: program.replaceAll('/', '\\'), firmware }));
  const { pxe, dhcp } = scenario.services;
  return bootedFirmwares(scenario).flatMap(({ path, firmware }) => {
    const name = bootFileFor(scenario, firmware);
    const served = programs.find(({ program }) => name !== undefined && comparable(program) === comparable(name));
    if (
      served === undefined ? name !== undefined || !(pxe?.bootfiles ?? dhcp?.bootfiles) : served.firmware === firmware
    )
      return [];
    const own = programs.find((other) => other.firmware === firmware)?.program;
    const key = `bootfiles: { ${ARCHITECTURE_OF[firmware]}:`;
    const advice =
      own === undefined
        ? `serve a folder of your own that has one (tftp: { root: ./my-tftp-root }) and name it (${key} … })`
        : `name it (${key} '${own}' }), or name no boot file at all, so that each firmware gets its own of ${bundles.join(', ')}`;
    const got = served === undefined ? 'none' : `${JSON.stringify(name)}, which is for ${served.firmware}`;
    return [
      {
        path,
        expected: `a boot file for firmware ${firmware}`,
        got,
        says: `expected a boot file for firmware ${JSON.stringify(firmware)}, got ${got}: ${advice}`,
      },
    ];
  });
}

function bootedFirmwares(scenario: Scenario): { path: ScenarioPath; firmware: Firmware }[] {
  const { matrix } = scenario;
  const booted = new Set((matrix ? matrixPoints(matrix) : []).map((point) => point.firmware));
  if (matrix?.firmware)
    return matrix.firmware.flatMap((firmware, index) =>
      booted.has(firmware) ? [{ path: ['matrix', 'firmware', index], firmware }] : [],
    );
  return scenario.clients.flatMap((client, index) =>
    client.plays === undefined
      ? [
          {
            path: ['clients', index, ...(client.firmware === undefined ? [] : ['firmware'])],
            firmware: client.firmware ?? 'bios',
          },
        ]
      : [],
  );
}
