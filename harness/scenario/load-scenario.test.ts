import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';
import { loadScenario, type LoadOptions } from './load-scenario.ts';
import { ScenarioErrors, findScenarios, loadScenarios } from './load-scenarios.ts';
import { ScenarioError } from './scenario-error.ts';

const GOOD = 'name: x\nservices: { tftp: {} }\nclients: [{ name: pc }]\n';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenario-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
  return file;
}

async function messageOf(file: string, options?: LoadOptions): Promise<string> {
  const error: unknown = await loadScenario(file, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return 'no error';
  if (!(error instanceof ScenarioError)) throw error as Error;
  return error.message.replaceAll(folder, '…');
}

describe('a file that is no scenario', () => {
  it.each<[what: string, content: string | Uint8Array, message: string]>([
    [
      'a binary file',
      Uint8Array.of(0x4d, 0x53, 0x57, 0x49, 0x4d, 0, 0, 0),
      '…/bad.yaml: expected a scenario in YAML, UTF-8 text, got a binary file',
    ],
    [
      'text in Latin-1',
      Uint8Array.of(0x6e, 0xe9, 0x0a),
      '…/bad.yaml: expected a scenario in YAML, UTF-8 text, got bytes that are not UTF-8',
    ],
    [
      'a huge file',
      'a'.repeat(1_048_577),
      '…/bad.yaml: expected a scenario in YAML, UTF-8 text, got 1048577 bytes, more than any scenario has (1048576)',
    ],
  ])('%s', async (_, content, message) => expect(await messageOf(await write('bad.yaml', content))).toBe(message));

  it('a folder', async () => {
    await mkdir(join(folder, 'folder.yaml'), { recursive: true });
    expect(await messageOf(join(folder, 'folder.yaml'))).toBe('…/folder.yaml: expected a scenario file, got a folder');
  });

  it('a device', async () =>
    expect(await messageOf('/dev/zero')).toBe(
      '/dev/zero: expected a scenario in YAML, UTF-8 text, got a pipe, socket or device',
    ));

  it.each(['nothing.yaml', 'nothing.ts'])('a name without file: %s', async (name) =>
    expect(await messageOf(join(folder, name))).toBe(`…/${name}: expected a scenario file, got no such file`),
  );
});

describe('a scenario that names what is not there', () => {
  const withTftp = (tftp: string): string => `name: x\nservices:\n  tftp: ${tftp}\nclients: [{ name: pc }]\n`;

  it.each<[what: string, tftp: string, message: string]>([
    [
      'a bundle',
      '{ root: boot-files/wsd }',
      '…/x.yaml:3:17: services.tftp.root: unknown bundle "boot-files/wsd" (known: boot-files/wds, boot-files/wds-without-rtl8139, boot-files/ipxe; a folder of your own begins with ./, ../ or /; did you mean "boot-files/wds"?)',
    ],
    [
      'a folder',
      '{ root: ./nowhere }',
      '…/x.yaml:3:17: services.tftp.root: expected a folder that can be read, got …/nowhere, which does not exist',
    ],
    [
      'a folder that is a file',
      '{ root: ./x.yaml }',
      '…/x.yaml:3:17: services.tftp.root: expected a folder that can be read, got …/x.yaml, which is a file',
    ],
    [
      'a file',
      "{ files: { 'a\\b': { file: ./gone } } }",
      '…/x.yaml:3:35: services.tftp.files["a\\\\b"].file: expected a file that can be read, got …/gone, which does not exist',
    ],
  ])('%s', async (_, tftp, message) => expect(await messageOf(await write('x.yaml', withTftp(tftp)))).toBe(message));

  it('but a folder beside it is found from anywhere', async () => {
    await mkdir(join(folder, 'tree'), { recursive: true });
    expect(await messageOf(await write('x.yaml', withTftp('{ root: ./tree }')))).toBe('no error');
  });
});

describe('a RemInst folder of the user’s own', () => {
  const withImages = (images: string): string =>
    `name: x\nservices:\n  tftp: {}\n  images: ${images}\nclients: [{ name: pc }]\n`;

  it('has the images that the scenario names, whatever their case', async () => {
    await write('RemInst/Images/Mine/Own.wim', '');
    expect(await messageOf(await write('x.yaml', withImages('{ root: ./RemInst, groups: { mine: [own.wim] } }')))).toBe(
      'no error',
    );
    expect(
      await messageOf(await write('x.yaml', withImages('{ root: ./RemInst, groups: { Mine: [other.wim] } }'))),
    ).toBe(
      '…/x.yaml:4:46: services.images.groups.Mine: expected an image of …/RemInst, got Images\\Mine\\other.wim, which does not exist',
    );
  });

  it('is a folder, and says what it offers', async () => {
    expect(await messageOf(await write('x.yaml', withImages('{ root: ./nowhere, groups: { Mine: [own.wim] } }')))).toBe(
      '…/x.yaml:4:19: services.images.root: expected a folder that can be read, got …/nowhere, which does not exist',
    );
    expect(await messageOf(await write('x.yaml', withImages('{ root: ./RemInst }')))).toContain(
      'services.images.groups: expected the image groups of the folder that `root` names, e.g. { Linux: [own.wim] }',
    );
  });
});

describe('a state folder', () => {
  const withState = (state: string): string =>
    `name: x\nservices: { tftp: {}, state: ${state} }\nclients: [{ name: pc }]\n`;

  it('may be new', async () =>
    expect(await messageOf(await write('new-state.yaml', withState('./new')))).toBe('no error'));
  it('is no file', async () =>
    expect(await messageOf(await write('file-state.yaml', withState('./file-state.yaml')))).toContain(
      'services.state: expected a folder that can be read, got ',
    ));
  it('lies where a lab sees it', async () =>
    expect(await messageOf(await write('run-state.yaml', withState('/run/x')), { allowRoots: ['/run'] })).toContain(
      'services.state: expected a folder outside of /run, which is private to each lab, got /run/x',
    ));
});

describe('a scenario in TypeScript', () => {
  const define = join(import.meta.dirname, 'define-scenario.ts');
  const module = (body: string): string => `import { defineScenario } from ${JSON.stringify(define)};\n${body}`;

  it('is loaded like one in YAML', async () => {
    const file = await write(
      'good.ts',
      module(
        "export default defineScenario({ name: 'x', timeout: '2m', services: { tftp: {} }, clients: [{ name: 'pc' }], steps: ['dhcp.ack'] });",
      ),
    );
    expect(await loadScenario(file)).toEqual({
      name: 'x',
      timeout: 120_000,
      services: { tftp: {} },
      clients: [{ name: 'pc' }],
      steps: [{ step: 'dhcp.ack', with: {} }],
      source: { file, folder, steps: [`${file}: steps[0]`], clientSteps: [[]] },
    });
  });

  it('may export the plain object', async () =>
    expect(
      await messageOf(
        await write('plain.ts', "export default { name: 'x', services: {}, clients: [{ name: 'pc' }] };"),
      ),
    ).toBe('no error'));

  it('has the errors of one in YAML, with the path for a place', async () => {
    const file = await write(
      'bad.ts',
      module(
        "export default defineScenario({ name: 'x', services: { tftp: {} }, clients: [{ name: 'pc', nic: 'e100' }] });",
      ),
    );
    expect(await messageOf(file)).toContain('bad.ts: clients[0].nic: expected one of e1000, ');
  });

  it.each<[what: string, body: string, message: string]>([
    [
      'without default export',
      'export const scenario = 1;',
      '…/none.ts: expected a module whose default export is a scenario (export default defineScenario({ … })), got no default export',
    ],
    ['that exports a number', 'export default 7;', '…/number.ts: expected a map ({} takes every default), got 7'],
    [
      'that throws',
      "throw new Error('out of luck');",
      '…/throws.ts: expected a module whose default export is a scenario, got an error while loading it: out of luck',
    ],
  ])('%s', async (_, body, message) =>
    expect(await messageOf(await write(/…\/(\S+\.ts)/.exec(message)?.[1] ?? '', body))).toBe(message),
  );
});

describe('an image by its index or name', () => {
  const IMAGES = 'tftp: {}, images: { root: ./RemInst, groups: { Own: [own.wim] } }';
  const agent = (image: string): string => `clients: [{ name: pc, agent: { image: ${image} } }]`;
  const text = (services: string, rest: string): string => `name: x\nservices: { ${services} }\n${rest}\n`;
  const inFile = "{ file: 'Images\\Own\\own.wim', index: 3 }";

  beforeAll(async () => {
    await write('RemInst/Images/OWN/Own.wim', wimBytes(8192, ['Folders', 'Workstation']));
    await write('RemInst/Images/OWN/broken.wim', 'no WIM');
  });

  it.each<[what: string, yaml: string]>([
    ['of a folder of images', text(IMAGES, agent(inFile.replace('3', '2')))],
    ['by name', text(IMAGES, agent(inFile.replace('index: 3', 'name: Workstation')))],
    ['of a bundle', text('tftp: {}, images: {}', agent("{ file: 'Images\\Linux\\sample.wim', index: 1 }"))],
    [
      'that is not there, as the scenario shows',
      text(IMAGES, `${agent(inFile)}\nexpect-failure: { step: smb.open, cause: image-missing }`),
    ],
  ])('is found: one %s', async (_, yaml) => expect(await messageOf(await write('x.yaml', yaml))).toBe('no error'));

  const has = 'in Images\\Own\\own.wim (its images: 1 "Folders", 2 "Workstation"';
  it.each<[what: string, yaml: string, message: string]>([
    [
      'an index',
      text(IMAGES, agent(inFile)),
      `…/x.yaml:3:76: clients[0].agent.image.index: there is no image 3 ${has})`,
    ],
    [
      'a name',
      text(IMAGES, agent(inFile.replace('index: 3', 'name: Workstaton'))),
      `…/x.yaml:3:75: clients[0].agent.image.name: there is no image "Workstaton" ${has}; did you mean "Workstation"?)`,
    ],
    [
      'one to compare with',
      text(IMAGES, `clients: [{ name: pc, disk: 1GiB }]\nafter: { compare-disk-with: ${inFile} }`),
      `…/x.yaml:4:66: after.compare-disk-with.index: there is no image 3 ${has})`,
    ],
    [
      'one of a bundle',
      text('tftp: {}, images: {}', agent("{ file: 'Images\\Linux\\sample.wim', name: Windows }")),
      '…/x.yaml:3:80: clients[0].agent.image.name: there is no image "Windows" in Images\\Linux\\sample.wim (its images: 1 "pxewright sample Linux")',
    ],
    [
      'one of a file that is no WIM',
      text(
        'tftp: {}, images: { root: ./RemInst, groups: { Own: [broken.wim] } }',
        agent(inFile.replace('own.wim', 'broken.wim')),
      ),
      '…/x.yaml:3:79: clients[0].agent.image.index: there is no image 3 in Images\\Own\\broken.wim (its images: none)',
    ],
    [
      'both at once',
      text(IMAGES, agent(inFile.replace('3', '1, name: Folders'))),
      '…/x.yaml:3:39: clients[0].agent.image: expected exactly one of index and name, got a map with "file", "index", "name"',
    ],
    [
      'patterns to ignore in no comparison',
      text(IMAGES, 'clients: [{ name: pc, disk: 1GiB }]\nafter: { boot-from: disk, ignore: [/var/**] }'),
      '…/x.yaml:4:35: after.ignore: expected a comparison (compare-disk-with) beside ignore, got none',
    ],
    [
      "a pattern with Windows' slashes",
      text(
        IMAGES,
        "clients: [{ name: pc, disk: 1GiB }]\nafter: { compare-disk-with: 'Images\\Own\\own.wim', ignore: ['\\Temp\\**'] }",
      ),
      '…/x.yaml:4:60: after.ignore[0]: expected a pattern of absolute paths with forward slashes, e.g. /var/cache/**, got "\\Temp\\**"',
    ],
  ])('is refused, with the images that there are: %s', async (_, yaml, message) =>
    expect((await messageOf(await write('x.yaml', yaml))).replaceAll('\\\\', '\\')).toBe(
      message.replaceAll('\\\\', '\\'),
    ),
  );
});

describe('several scenarios', () => {
  it('are found below a folder, sorted, and each once', async () => {
    await write('many/b/two.yaml', GOOD);
    await write('many/one.yml', GOOD);
    await write('many/readme.md', 'no scenario');
    await write('many/ours.scenario.ts', `export default ${JSON.stringify(parse(GOOD))};`);
    // Any other module of a project: loading it would run it.
    await write('many/deploy.ts', `import { writeFileSync } from 'node:fs'; writeFileSync('${folder}/deployed', '');`);
    const scenarios = await loadScenarios([join(folder, 'many'), join(folder, 'many/one.yml')]);
    expect(scenarios.map((scenario) => scenario.source.file)).toEqual([
      join(folder, 'many/b/two.yaml'),
      join(folder, 'many/one.yml'),
      join(folder, 'many/ours.scenario.ts'),
    ]);
    expect(existsSync(join(folder, 'deployed'))).toBe(false);
  });

  it('have the errors of all files reported at once', async () => {
    await write('broken/a.yaml', 'name: x\nservices: {}\nclients: []\n');
    await write('broken/b.yaml', '');
    const error: unknown = await loadScenarios([join(folder, 'broken'), join(folder, 'none.yaml')]).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ScenarioErrors);
    expect((error as ScenarioErrors).message.replaceAll(folder, '…').split('\n')).toEqual([
      '…/broken/a.yaml:3:10: clients: expected at least one client, got an empty list',
      '…/broken/b.yaml:1:1: expected a scenario: a map with name, services and clients, got an empty file',
      '…/none.yaml: expected a scenario file, got no such file',
    ]);
  });

  it('are missed in an empty folder', async () => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    await expect(findScenarios(join(folder, 'empty'))).rejects.toThrow(
      '/empty: expected a folder with scenario files (*.yaml, *.yml, *.scenario.ts), got a folder without any',
    );
  });
});

describe('boot files and firmwares against what is served', () => {
  const withServices = (services: string, rest = 'clients: [{ name: pc }]'): string =>
    `name: x\nservices: ${services}\n${rest}\n`;
  const uefi = 'clients: [{ name: pc, firmware: uefi }]';
  const advice =
    "name it (bootfiles: { uefi-x64: 'boot\\x64\\wdsmgfw.efi' }), or name no boot file at all, so that each firmware gets its own of boot-files/wds";
  const nowhere = (name: string, meant: string): string =>
    `boot file ${JSON.stringify(name)} is not among the files of boot-files/wds (${meant}); a scenario for this failure needs expect-failure with cause boot-file-missing`;

  it.each<[what: string, text: string, message: string]>([
    [
      "a UEFI client that gets the BIOS' boot program",
      withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {} }", uefi),
      `…/x.yaml:3:33: clients[0].firmware: expected a boot file for firmware "uefi", got "boot\\\\x86\\\\wdsnbp.com", which is for bios: ${advice}`,
    ],
    [
      'a matrix with UEFI, where only a BIOS gets a boot file',
      withServices(
        "{ pxe: { bootfiles: { bios: 'boot\\x86\\wdsnbp.com' } }, tftp: { root: boot-files/wds } }",
        'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi] }',
      ),
      `…/x.yaml:4:28: matrix.firmware[1]: expected a boot file for firmware "uefi", got none: ${advice}`,
    ],
    [
      'a mistyped boot file',
      withServices("{ dhcp: { bootfile: 'boot\\x86\\wdsnpb.com' }, tftp: {} }"),
      `…/x.yaml:2:31: services.dhcp.bootfile: ${nowhere('boot\\x86\\wdsnpb.com', 'did you mean "boot/x86/wdsnbp.com"?')}`,
    ],
    [
      'one by architecture',
      withServices('{ pxe: { bootfiles: { bios: boot/x86/WDSNBP.com, uefi-x64: ipxe.efi } }, tftp: {} }'),
      `…/x.yaml:2:70: services.pxe.bootfiles.uefi-x64: ${nowhere('ipxe.efi', 'nearest: boot/x86/agent.img, boot/x86/vmlinuz, boot/x64/wdsmgfw.efi')}`,
    ],
    [
      'one that is taken away',
      withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: { without: [boot/x86/wdsnbp.com] } }"),
      `…/x.yaml:2:30: services.pxe.bootfile: ${nowhere('boot\\x86\\wdsnbp.com', 'nearest: boot/x86/pxeboot.com, boot/x86/abortpxe.com, boot/x86/ldlinux.c32')}`,
    ],
    [
      'one by user class',
      withServices('{ dhcp: { user-classes: { iPXE: { uefi-x64: boot.ipxe } } }, tftp: {} }'),
      `…/x.yaml:2:55: services.dhcp.user-classes.iPXE.uefi-x64: ${nowhere('boot.ipxe', 'nearest: boot/x86/vmlinuz, boot/x86/pxeboot.com, boot/x86/pxeboot.n12')}`,
    ],
    [
      'a URL of a file that only TFTP has',
      withServices(
        '{ dhcp: { bootfile: http://172.22.52.207/boot/boot.ipxe }, http: { files: { boot.ipxe: { text: x } } }, tftp: { files: { boot/boot.ipxe: { text: x } } } }',
      ),
      '…/x.yaml:2:31: services.dhcp.bootfile: boot file "/boot/boot.ipxe" is not among the files of services.http (boot-files/wds, files) (nearest: boot.ipxe, boot/x86/abortpxe.com, boot/x86/vmlinuz)',
    ],
    [
      'a URL where no HTTP service is',
      withServices('{ dhcp: { user-classes: { iPXE: http://172.22.52.207/boot.ipxe } }, tftp: {} }'),
      '…/x.yaml:2:43: services.dhcp.user-classes.iPXE: expected a URL of services.http, got "http://172.22.52.207/boot.ipxe": the scenario has no service http; nobody would answer',
    ],
    [
      'a URL of another port',
      withServices('{ pxe: { bootfile: http://172.22.52.207:8080/boot/x86/vmlinuz }, http: {} }'),
      '…/x.yaml:2:30: services.pxe.bootfile: expected a URL of services.http, got "http://172.22.52.207:8080/boot/x86/vmlinuz": the scenario has services.http at 172.22.52.207 port 80; nobody would answer',
    ],
  ])('refuses %s', async (_, text, message) => expect(await messageOf(await write('x.yaml', text))).toBe(message));

  it('refuses what only a command line makes of a scenario', async () => {
    const file = await write('x.yaml', withServices("{ pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {} }"));
    expect(await messageOf(file)).toBe('no error');
    expect(await messageOf(file, { matrix: { firmware: ['bios'] } })).toBe('no error');
    expect(await messageOf(file, { matrix: { firmware: ['bios', 'uefi'] } })).toMatch(
      '…/x.yaml with --matrix: matrix.firmware[1]: expected a boot file for firmware "uefi", got "boot\\\\x86\\\\wdsnbp.com", which is for bios: ',
    );
  });

  it.each<[what: string, text: string]>([
    [
      "both firmwares, with the bundle's own boot programs",
      withServices('{ pxe: {}, tftp: {} }', 'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi] }'),
    ],
    [
      'a boot program among the extra files',
      withServices(
        '{ dhcp: { bootfiles: { uefi-x64: ipxe.efi } }, tftp: { files: { ipxe.efi: { file: ./own/IPXE.efi } } } }',
        uefi,
      ),
    ],
    [
      "a folder of one's own, in any case",
      withServices("{ dhcp: { bootfile: '\\Ipxe.EFI' }, tftp: { root: ./own } }", uefi),
    ],
    [
      'a URL of the HTTP service, on its port',
      withServices(
        "{ dhcp: { bootfile: 'http://172.22.52.8:8080/boot/x86/vmlinuz', user-classes: { iPXE: http://172.22.52.8:8080/a%20b.ipxe } }, http: { at: 172.22.52.8, port: 8080, files: { a b.ipxe: { text: x } } } }",
      ),
    ],
    [
      'URLs of servers outside of the lab, or by name, and of other schemes',
      withServices(
        '{ dhcp: { bootfile: http://10.0.0.1/a, bootfiles: { bios: http://boot.lab/a, uefi-x64-http: https://172.22.52.9/a }, user-classes: { iPXE: { bios: tftp://172.22.52.9/a } } } }',
      ),
    ],
    [
      'a URL that is to be missing',
      withServices(
        '{ dhcp: { bootfile: http://172.22.52.207/typo }, http: {} }',
        'clients: [{ name: pc }]\nexpect-failure: { step: http.error, cause: boot-file-missing }',
      ),
    ],
    ['another server', withServices('{ dhcp: { bootfile: a.efi, next-server: 172.22.52.9 }, tftp: {} }', uefi)],
    [
      'a matrix whose UEFI points are excluded',
      withServices(
        '{ tftp: {} }',
        'clients: [{ name: pc }]\nmatrix: { firmware: [bios, uefi], exclude: [{ firmware: uefi }] }',
      ),
    ],
    [
      'a negative scenario',
      withServices('{ dhcp: { bootfile: typo }, tftp: {} }', `${uefi}\nexpect-failure: { step: tftp.transfer }`),
    ],
  ])('takes %s', async (_, text) => {
    await write('own/IPXE.efi', 'x');
    expect(await messageOf(await write('x.yaml', text))).toBe('no error');
  });
});

describe('names of files against what bundles and folders hold', () => {
  const services = (more = ''): string =>
    `name: x\nservices:\n  pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }\n  tftp: {${more}}\n  images: {}\nclients: [{ name: pc }]\n`;
  it.each<[what: string, text: string, message: string]>([
    [
      'a file to leave out that nobody has',
      services("without: ['boot\\x86\\wdsnpb.com']"),
      '…/x.yaml:4:20: services.tftp.without[0]: file "boot\\\\x86\\\\wdsnpb.com" is not among the files of boot-files/wds (did you mean "boot/x86/wdsnbp.com"?)',
    ],
    [
      'a file to deny that nobody has, in a scenario that expects a failure',
      `${services("misbehave: { denied: ['boot\\x86\\agnet.img'] }")}expect-failure: { step: tftp.error }`,
      '…/x.yaml:4:32: services.tftp.misbehave.denied[0]: file "boot\\\\x86\\\\agnet.img" is not among the files of boot-files/wds (did you mean "boot/x86/agent.img"?)',
    ],
    [
      'a transfer of a file that nobody has',
      `${services()}steps: [tftp.transfer: { path: 'boot\\x86\\vmlinux' }]`,
      '…/x.yaml:7:32: steps[0].tftp.transfer.path: file "boot\\\\x86\\\\vmlinux" is not among the files of boot-files/wds (did you mean "boot/x86/vmlinuz"?)',
    ],
    [
      'a request for it',
      `${services()}steps: [tftp.read-request: { path: 'boot/x86/pxeboot.n21' }]`,
      '…/x.yaml:7:36: steps[0].tftp.read-request.path: file "boot/x86/pxeboot.n21" is not among the files of boot-files/wds (did you mean "boot/x86/pxeboot.n12"?)',
    ],
    [
      'the name of a boot file that nobody has, where another failure is expected',
      `${services()}steps: [proxydhcp.ack: { bootfile: 'boot\\x86\\wdsnpb.com' }]\nexpect-failure: { step: tftp.transfer, cause: tftp-silent }`,
      '…/x.yaml:7:36: steps[0].proxydhcp.ack.bootfile: file "boot\\\\x86\\\\wdsnpb.com" is not among the files of boot-files/wds (did you mean "boot/x86/wdsnbp.com"?)',
    ],
    [
      'an image that the store lacks',
      `${services()}steps: [image.transfer: { path: 'Images\\Linux\\smaple.wim' }]`,
      '…/x.yaml:7:33: steps[0].image.transfer.path: file "Images\\\\Linux\\\\smaple.wim" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?)',
    ],
    [
      'an image group with an image that no bundle has',
      services().replace('images: {}', 'images: { groups: { Linux: [smaple.wim] } }'),
      '…/x.yaml:5:31: services.images.groups.Linux[0]: image "Images\\\\Linux\\\\smaple.wim" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?); images of your own stand in services.images.files',
    ],
    [
      'damage to a file that the store lacks',
      services().replace('images: {}', "images: { damage: { 'Images\\Linux\\Res.rwm': { truncate: 50% } } }"),
      '…/x.yaml:5:23: services.images.damage: file "Images\\\\Linux\\\\Res.rwm" is not among the files of the image store (did you mean "Images/Linux/sample.wim"?)',
    ],
  ])('refuses %s', async (_, text, message) => expect(await messageOf(await write('x.yaml', text))).toBe(message));

  it.each<[what: string, text: string]>([
    [
      'the failure that a file is missing',
      `${services()}steps: [tftp.read-request: { path: nothing }]\nexpect-failure: { step: tftp.error, cause: boot-file-missing }`,
    ],
    [
      'a file that is left out, where a failure is expected',
      `${services("without: ['boot\\x86\\vmlinuz']")}steps: [tftp.read-request: { path: 'boot\\x86\\vmlinuz' }]\nexpect-failure: { step: tftp.error, cause: tftp-refused }`,
    ],
    ['a name that boot programs only try', `${services()}steps: [tftp.error: { path: 'boot\\x86\\pxelinux.cfg/A' }]`],
    [
      'the configuration of a boot program',
      `${services()}steps: [tftp.transfer: { path: 'boot\\x86\\pxelinux.cfg/default' }]`,
    ],
    ['what the scenario adds', `${services('files: { motd: { text: x } }')}steps: [tftp.transfer: { path: MOTD }]`],
    ['a folder of the share', `${services()}steps: [smb.open: { path: 'Images\\Linux' }]`],
    [
      'an image of its own',
      services().replace(
        'images: {}',
        "images: { groups: { Own: [x.wim] }, files: { 'Images\\Own\\x.wim': { text: x } } }",
      ),
    ],
  ])('takes %s', async (_, text) => expect(await messageOf(await write('x.yaml', text))).toBe('no error'));

  it('takes any name where a capture of other servers is judged', async () => {
    const file = await write('x.yaml', `${services()}steps: [image.header: { path: 'Images\\7\\pro.wim' }]`);
    expect(await messageOf(file)).toMatch('is not among the files of the image store');
    expect(await messageOf(file, { judgesCapture: true })).toBe('no error');
  });
});
