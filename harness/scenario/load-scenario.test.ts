import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';
import { loadScenario } from './load-scenario.ts';
import { ScenarioErrors, findScenarios, loadScenarios } from './load-scenarios.ts';
import { scenarioFolder } from './testing/scenario-folder.ts';

const GOOD = 'name: x\nservices: { tftp: {} }\nclients: [{ name: pc }]\n';
const folder = scenarioFolder();
const { write, messageOf } = folder;

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
    await mkdir(join(folder.path, 'folder.yaml'), { recursive: true });
    expect(await messageOf(join(folder.path, 'folder.yaml'))).toBe(
      '…/folder.yaml: expected a scenario file, got a folder',
    );
  });

  it('a device', async () =>
    expect(await messageOf('/dev/zero')).toBe(
      '/dev/zero: expected a scenario in YAML, UTF-8 text, got a pipe, socket or device',
    ));

  it.each(['nothing.yaml', 'nothing.ts'])('a name without file: %s', async (name) =>
    expect(await messageOf(join(folder.path, name))).toBe(`…/${name}: expected a scenario file, got no such file`),
  );
});

describe('a disk of the user’s own', () => {
  const at = (keys: string): string => GOOD.replace('name: pc', `name: pc, ${keys}`);

  it('is taken, raw or qcow2, with a size that holds it', async () => {
    await write('own.raw', Buffer.alloc(2 * 2 ** 20));
    await execa('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder.path, 'own.qcow2'), '8M']);
    for (const keys of ['disk-image: ./own.raw', 'disk-image: ./own.qcow2, disk: 8MiB'])
      expect(await messageOf(await write('d.yaml', at(keys)))).toBe('no error');
  });

  it('is refused when the disk is smaller, by whatever way the size came', async () => {
    expect(await messageOf(await write('d.yaml', at('disk-image: ./own.qcow2, disk: 4MiB')))).toBe(
      '…/d.yaml:3:54: clients[0].disk: expected at least the 8MiB of ./own.qcow2, got 4MiB',
    );
    const matrix = `${at('disk-image: ./own.qcow2')}matrix: { disk: [8MiB, 6MiB] }\n`;
    expect(await messageOf(await write('d.yaml', matrix))).toBe(
      '…/d.yaml:4:24: matrix.disk[1]: expected at least the 8MiB of ./own.qcow2, got 6MiB',
    );
  });

  it('is refused when it is no disk, continues another file, is not there or lies outside of the folder', async () => {
    const messageFor = async (file: string) => messageOf(await write('d.yaml', at(`disk-image: ${file}`)));
    await write('text.raw', 'no disk');
    expect(await messageFor('./text.raw')).toContain(
      'disk-image: expected a raw or qcow2 disk, got a file of 7 bytes, which is neither a qcow2 nor sectors',
    );
    await execa('qemu-img', [
      ...['create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', join(folder.path, 'layer.qcow2'), '1M'],
    ]);
    expect(await messageFor('./layer.qcow2')).toContain('got a qcow2 that continues another file');
    expect(await messageFor('./none.raw')).toContain('none.raw, which does not exist');
    expect(await messageFor('/etc/passwd')).toContain('--allow-root');
  });
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
    await mkdir(join(folder.path, 'tree'), { recursive: true });
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
      source: { file, folder: folder.path, steps: [`${file}: steps[0]`], clientSteps: [[]] },
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
    await write(
      'many/deploy.ts',
      `import { writeFileSync } from 'node:fs'; writeFileSync('${folder.path}/deployed', '');`,
    );
    const scenarios = await loadScenarios([join(folder.path, 'many'), join(folder.path, 'many/one.yml')]);
    expect(scenarios.map((scenario) => scenario.source.file)).toEqual([
      join(folder.path, 'many/b/two.yaml'),
      join(folder.path, 'many/one.yml'),
      join(folder.path, 'many/ours.scenario.ts'),
    ]);
    expect(existsSync(join(folder.path, 'deployed'))).toBe(false);
  });

  it('have the errors of all files reported at once', async () => {
    await write('broken/a.yaml', 'name: x\nservices: {}\nclients: []\n');
    await write('broken/b.yaml', '');
    const error: unknown = await loadScenarios([join(folder.path, 'broken'), join(folder.path, 'none.yaml')]).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ScenarioErrors);
    expect((error as ScenarioErrors).message.replaceAll(folder.path, '…').split('\n')).toEqual([
      '…/broken/a.yaml:3:10: clients: expected at least one client, got an empty list',
      '…/broken/b.yaml:1:1: expected a scenario: a map with name, services and clients, got an empty file',
      '…/none.yaml: expected a scenario file, got no such file',
    ]);
  });

  it('are missed in an empty folder', async () => {
    await mkdir(join(folder.path, 'empty'), { recursive: true });
    await expect(findScenarios(join(folder.path, 'empty'))).rejects.toThrow(
      '/empty: expected a folder with scenario files (*.yaml, *.yml, *.scenario.ts), got a folder without any',
    );
  });
});

describe('UEFI variables that a scenario brings', () => {
  const TEMPLATE = join(import.meta.dirname, '../qemu-wrapper/src/firmware-vars/testdata/secure-boot-template.fd.gz');
  const withStore = (content: Uint8Array): Promise<string> =>
    write('v.fd', content)
      .then(() => write('v.yaml', GOOD.replace('name: pc', 'name: pc, firmware: uefi, firmware-variables: ./v.fd')))
      .then((file) => messageOf(file));

  it('are taken when their store is sound', async () => {
    expect(await withStore(gunzipSync(await readFile(TEMPLATE)))).toBe('no error');
  });

  it('are refused by name when it is damaged, with what is wrong', async () => {
    const store = gunzipSync(await readFile(TEMPLATE));
    store[0x2d] = 0xff;
    expect(await withStore(store)).toBe(
      "…/v.yaml:3:59: clients[0].firmware-variables: expected a sound store of UEFI variables, got …/v.fd is no sound store of firmware variables: the checksum of its volume's header is wrong",
    );
    expect(await withStore(store.subarray(0, 100))).toContain('and the file only 100');
  });

  it('are refused when they are not there, or lie outside of the folder', async () => {
    const at = (store: string) => GOOD.replace('name: pc', `name: pc, firmware: uefi, firmware-variables: ${store}`);
    expect(await messageOf(await write('no.yaml', at('./no.fd')))).toContain('no.fd, which does not exist');
    expect(await messageOf(await write('out.yaml', at('/usr/share/OVMF/OVMF_VARS_4M.fd')))).toContain('--allow-root');
  });
});
