import { TRANSPORTS, transportsOf, type Firmware, type Transport } from '#qemu-wrapper/nic-models';
import { BOOT_PROGRAM_HEADER_BYTES, bootProgramOf, bootProgramWord } from '../../protocols/base/wire/boot-program.ts';
import { ARCHITECTURES, type ArchitectureWord } from '../../protocols/dhcp/wire/architectures.ts';
import { isForAnother, programText } from '../../protocols/dhcp/wire/program-fit.ts';
import { addressesOf, ARCHITECTURE_OF, bootFilesOf, FILE_SERVICES, rootsOf, startsUnder } from '../defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { Scenario } from '../scenario.ts';
import { dhcpv6BootFiles, isUrl } from '../ipv6-defaults.ts';
import type { Machine } from '../matrix/machine.ts';
import { checkBootUrl } from './boot-urls.ts';
import { beginningOf } from './beginning-of.ts';
import { isFolder, programsOf } from '../bundles.ts';
import { isPlaceholder } from '../placeholder.ts';
import { machinesOf, once } from '../matrix/expand-matrix.ts';
import { namedBootFiles } from './named-boot-files.ts';
import { servedFiles, wantsAbsence } from './served-files.ts';
import { storiesOf } from '../stories.ts';
import { comparable, missingFrom, type Tree } from '../tree.ts';

/**
 * Boot files that a scenario names against those that it serves, and firmwares against the boot programs of bundles. A
 * scenario that expects a failure may be wrong about a firmware, and about a name when the failure is that the file is
 * not there: that may be what it shows.
 */
export async function checkBootFiles(scenario: Scenario): Promise<Problem[]> {
  const failures = storiesOf(scenario).flatMap(({ failure }) => failure ?? []);
  const all = failures.some(wantsAbsence) ? [] : namedBootFiles(scenario);
  const expectsFailure = failures.length > 0;
  const urls = await Promise.all(
    all.filter(({ name }) => isUrl(name)).map((one) => checkBootUrl(scenario, one, { expectsFailure })),
  );
  const served = servedFiles(scenario);
  if (served === undefined) return urls.flat();
  const named = all.filter(({ name }) => !isUrl(name));
  const tree = expectsFailure ? served.whole : served.tree;
  const missing = await Promise.all(
    named.map(async ({ path, name }) =>
      (await tree.has(name))
        ? []
        : [
            missingFrom(tree, {
              path,
              name,
              what: 'boot file',
              where: served.where,
              hint: '; a scenario for this failure needs expect-failure with cause boot-file-missing',
            }),
          ],
    ),
  );
  const roots = rootsOf(scenario);
  const extra = FILE_SERVICES.flatMap((kind) => Object.keys(scenario.services[kind]?.files ?? {})).map(comparable);
  const ownProgram = roots.some(isFolder) || named.some(({ name }) => extra.includes(comparable(name)));
  return [
    ...urls.flat(),
    ...missing.flat(),
    ...(expectsFailure || ownProgram ? [] : checkFirmwares(scenario, roots)),
    ...(expectsFailure ? [] : await checkOwnPrograms(scenario, tree)),
  ];
}

/** VMs whose firmware boots by their transport: of the others the matrix says that it does not, and no boot file changes that. */
function machinesWithTransport(scenario: Scenario): Machine[] {
  return machinesOf(scenario).filter(({ firmware, transport }) => transportsOf(firmware).includes(transport));
}

/** The user's own boot programs, by the headers of their files, against the firmware that is to start them. */
async function checkOwnPrograms(scenario: Scenario, tree: Tree): Promise<Problem[]> {
  const problems = await Promise.all(
    machinesWithTransport(scenario).map(async ({ place, firmware, transport }): Promise<Problem[]> => {
      const name = bootFileFor(scenario, architectureOf({ firmware, transport }), transport);
      const file = name === undefined || isUrl(name) ? undefined : await tree.ownFile(name);
      const why = file === undefined ? undefined : await unstartable(file, firmware);
      if (why === undefined) return [];
      const got = `${JSON.stringify(name)}, which ${why}`;
      return [
        {
          path: place('firmware'),
          expected: `a boot file for firmware ${firmware}`,
          got,
          says: `expected a boot file for firmware ${JSON.stringify(firmware)}, got ${got} (${file ?? ''}): name another one for it (bootfiles: { ${ARCHITECTURE_OF[firmware]}: … }); a scenario for this failure needs expect-failure with step boot.start`,
        },
      ];
    }),
  );
  return once(problems.flat());
}

/** Why a firmware will not start a file, in words; undefined where its header does not say so. */
async function unstartable(file: string, firmware: Firmware): Promise<string | undefined> {
  const beginning = await beginningOf(file, BOOT_PROGRAM_HEADER_BYTES);
  const program = isPlaceholder(beginning) ? undefined : bootProgramOf(beginning);
  if (program === undefined) return undefined;
  const word = bootProgramWord(program);
  const isFlatForUefi = firmware !== 'bios' && program.format === 'flat';
  if (isFlatForUefi || isForAnother(ARCHITECTURES[ARCHITECTURE_OF[firmware]], word)) return `is ${programText(word)}`;
  return firmware === 'uefi-secure-boot' && program.signed === false
    ? 'carries no signature, so that Secure Boot refuses it'
    : undefined;
}

/** The boot file that a firmware gets by its transport: of the PXE server, or else of the DHCP server. */
function bootFileFor(scenario: Scenario, architecture: ArchitectureWord, transport: Transport): string | undefined {
  const { pxe, dhcp, dhcpv6 } = scenario.services;
  const { ip, http } = TRANSPORTS[transport];
  if (ip === 6) return dhcpv6 && (dhcpv6BootFiles(scenario, dhcpv6)[architecture] ?? dhcpv6.bootfile);
  const name =
    (pxe === undefined ? undefined : (bootFilesOf(scenario, pxe)[architecture] ?? pxe.bootfile)) ??
    dhcp?.bootfiles?.[architecture] ??
    dhcp?.bootfile;
  // HTTP boot takes URLs alone, and the servers name it nothing else.
  return http && name !== undefined && !isUrl(name) ? undefined : name;
}

/** What a VM says that it is: option 93, or 61. */
function architectureOf({ firmware, transport }: Pick<Machine, 'firmware' | 'transport'>): ArchitectureWord {
  const word = ARCHITECTURE_OF[firmware];
  return TRANSPORTS[transport].http && word !== 'bios' ? `${word}-http` : word;
}

/** URL of a served boot program for HTTP boot over IPv4, where DHCP names what the scenario says and no more. */
function httpUrl(scenario: Scenario, program: string): string {
  const port = scenario.services.http?.port;
  return `http://${addressesOf(scenario).http ?? ''}${port === undefined ? '' : `:${port}`}/${program.replaceAll('\\', '/')}`;
}

function checkFirmwares(scenario: Scenario, bundles: readonly string[]): Problem[] {
  const programs = bundles
    .flatMap((name) => Object.entries(programsOf(name)))
    .map(([program, firmware]) => ({ program: program.replaceAll('/', '\\'), firmware }));
  const { pxe, dhcp } = scenario.services;
  const problems = machinesWithTransport(scenario).flatMap((machine) => {
    const { place, firmware, transport } = machine;
    // Whether a program that is chosen by its word goes with the firmware is the matrix's to say.
    if (machine['boot-program'] !== undefined) return [];
    const architecture = architectureOf(machine);
    const name = bootFileFor(scenario, architecture, transport);
    const served = programs.find(({ program }) => name !== undefined && comparable(program) === comparable(name));
    if (
      served === undefined
        ? name !== undefined || (transport === 'pxe-ipv4' && !(pxe?.bootfiles ?? dhcp?.bootfiles))
        : startsUnder(served.firmware, firmware)
    )
      return [];
    const own = programs.find((other) => other.firmware === firmware)?.program;
    const key = `bootfiles: { ${architecture}:`;
    const overHttp = transport === 'http-ipv4';
    const advice =
      own !== undefined && overHttp
        ? `name it (${key} '${httpUrl(scenario, own)}' })`
        : own === undefined
          ? `serve a folder of your own that has one (tftp: { root: ./my-tftp-root }) and name it (${key} … })`
          : `name it (${key} '${own}' }), or name no boot file at all, so that each firmware gets its own of ${bundles.join(', ')}`;
    const by = transport === 'pxe-ipv4' ? '' : ` by ${transport}`;
    const got = served === undefined ? 'none' : `${JSON.stringify(name)}, which is for ${served.firmware}`;
    return [
      {
        path: place('firmware'),
        expected: `a boot file for firmware ${firmware}${by}`,
        got,
        says: `expected a boot file for firmware ${JSON.stringify(firmware)}${by}, got ${got}: ${advice}`,
      },
    ];
  });
  return once(problems);
}
