import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planScenarios } from '../plan/scenarios.ts';
import { loadScenario, type LoadOptions } from './load-scenario.ts';
import { loadScenarios } from './load-scenarios.ts';
import { ScenarioError } from './scenario-error.ts';

// A scenario of a stranger lies in WORK/stranger; WORK/host is what it must not show.
let work = '';
let own = '';
beforeEach(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'allow-roots-')));
  own = join(work, 'stranger');
  await mkdir(join(own, 'mine'), { recursive: true });
  await writeFile(join(own, 'mine', 'file'), '');
  await mkdir(join(work, 'host', 'Images', 'Mine'), { recursive: true });
  await writeFile(join(work, 'host', 'secret'), '');
  await writeFile(join(work, 'host', 'Images', 'Mine', 'a.wim'), '');
});
afterEach(() => rm(work, { recursive: true }));

const yaml = (services: string): string => `name: x\nclients: [{ name: pc, disk: 2GiB }]\nservices:\n${services}`;

async function load(services: string, options?: LoadOptions): Promise<string> {
  const file = join(own, 'x.yaml');
  await writeFile(file, yaml(services));
  return loadScenario(file, options).then(
    () => 'no error',
    (error: unknown) => {
      if (!(error instanceof ScenarioError)) throw error;
      return error.message.replaceAll(work, '…');
    },
  );
}

const refused = (got: string, root = got): string =>
  `expected a path below the scenario's folder …/stranger, or below one that --allow-root names (allowRoots in describeScenarios), got ${got}: guests can read what is there; if they may, add --allow-root ${root}`;

describe('a scenario that names files of the host', () => {
  it.each<[what: string, services: string, place: string, got: string, root?: string]>([
    ['tftp.root', '  tftp: { root: ../host }', '4:17: services.tftp.root', '…/host'],
    ['tftp.root with ..', '  tftp: { root: ./mine/../../host }', '4:17: services.tftp.root', '…/host'],
    [
      'tftp.files',
      '  tftp: { files: { a: { file: ../host/secret } } }',
      '4:31: services.tftp.files.a.file',
      '…/host/secret',
      '…/host',
    ],
    ['http.root', '  http: { root: WORK/host }', '4:17: services.http.root', '…/host'],
    [
      'http.files',
      '  http: { files: { a: { file: WORK/host/secret } } }',
      '4:31: services.http.files.a.file',
      '…/host/secret',
      '…/host',
    ],
    [
      'images.root',
      '  tftp: {}\n  images: { root: ../host, groups: { Mine: [a.wim] } }',
      '5:19: services.images.root',
      '…/host',
    ],
    [
      'images.packages',
      '  tftp: {}\n  images: { packages: ../host, files: { a.xml: { text: <a/> } } }\n  control: { answer-files: { x64: a.xml } }',
      '5:23: services.images.packages',
      '…/host',
    ],
    [
      'images.files',
      '  tftp: {}\n  images: { files: { a: { file: ../host/secret } } }',
      '5:33: services.images.files.a.file',
      '…/host/secret',
      '…/host',
    ],
    ['state', '  tftp: {}\n  state: ../new/state', '5:10: services.state', '…/new/state'],
  ])(
    'cannot be used with %s outside of its folder, until the folder is allowed',
    async (_, services, place, got, root) => {
      const written = services.replaceAll('WORK', work);
      expect(await load(written)).toBe(`…/stranger/x.yaml:${place}: ${refused(got, root)}`);
      expect(await load(written, { allowRoots: [work] })).toBe('no error');
      expect(await load(written, { allowRoots: [join(own, 'mine')] })).toContain('--allow-root');
    },
  );

  it('cannot reach them by a link in its folder, by a link of a link, nor by a folder that its name only begins with', async () => {
    await symlink('../host', join(own, 'link'));
    await symlink('link', join(own, 'chain'));
    await symlink('../host/secret', join(own, 'file'));
    await mkdir(join(work, 'stranger-2'));
    const really = (name: string, target: string, root = target): string =>
      refused(`…/stranger/${name}, which is really ${target}`, root);
    expect(await load('  tftp: { root: ./link }')).toContain(really('link', '…/host'));
    expect(await load('  tftp: { root: ./chain/Images }')).toContain(really('chain/Images', '…/host/Images'));
    expect(await load('  tftp: { files: { a: { file: ./file } } }')).toContain(
      really('file', '…/host/secret', '…/host'),
    );
    expect(await load('  tftp: { root: ../stranger-2 }')).toContain(refused('…/stranger-2'));
    expect(await load('  tftp: { root: ./link }', { allowRoots: [join(work, 'host')] })).toBe('no error');
  });

  it('cannot have them as its state, neither by a link to a new folder nor by a link in a stored state', async () => {
    await symlink('../host/new', join(own, 'state'));
    expect(await load('  tftp: {}\n  state: ./state')).toContain('which is really …/host/new');
    await mkdir(join(own, 'kept'));
    await symlink('../../host', join(own, 'kept', 'reminst'));
    expect(await load('  tftp: {}\n  state: ./kept')).toContain(
      refused('…/stranger/kept/reminst, which is really …/host', '…/host'),
    );
  });

  it('may lie behind a link itself, and names what is beside it', async () => {
    await writeFile(join(own, 'x.yaml'), yaml('  tftp: { root: ./mine }'));
    await symlink(own, join(work, 'alias'));
    await expect(loadScenario(join(work, 'alias', 'x.yaml'))).resolves.toBeDefined();
    await symlink('mine', join(own, 'inside'));
    expect(await load('  tftp: { root: ./inside }')).toBe('no error');
  });

  it('is no other when it is TypeScript', async () => {
    const file = join(own, 'x.scenario.ts');
    await writeFile(
      file,
      `export default { name: 'x', services: { tftp: { root: '../host' } }, clients: [{ name: 'pc' }] };\n`,
    );
    await expect(loadScenario(file)).rejects.toThrow(
      `${file}: services.tftp.root: ${refused('…/host').replaceAll('…', work)}`,
    );
    await expect(loadScenario(file, { allowRoots: [join(work, 'host')] })).resolves.toBeDefined();
  });

  it('keeps of the allowed folders what it needs, for the command that runs it again', async () => {
    await writeFile(join(own, 'x.yaml'), yaml('  tftp: { root: ../host }'));
    const scenario = await loadScenario(join(own, 'x.yaml'), { allowRoots: [join(own, 'mine'), join(work, 'host')] });
    expect(planScenarios(scenario)[0]?.allowRoots).toEqual([join(work, 'host')]);
  });
});

it.each([
  ['nowhere', 'a path that does not exist or may not be read'],
  ['stranger/mine/file', 'no folder'],
])('an allowed folder that is none (%s) is a mistake, not an option without effect', async (name, got) => {
  await expect(loadScenarios([own], { allowRoots: [join(work, name)] })).rejects.toThrow(
    `${join(work, name)}: expected a folder, for --allow-root (allowRoots in describeScenarios), got ${got}`,
  );
});

describe('what lies in an own folder', () => {
  it('may be a dangling link, a FIFO where an image should be, and a link that leads out: services say so when they are asked', async () => {
    await mkdir(join(own, 'RemInst', 'Images', 'Mine'), { recursive: true });
    execFileSync('mkfifo', [join(own, 'RemInst', 'Images', 'Mine', 'a.wim')]);
    await symlink('nowhere', join(own, 'RemInst', 'dangling'));
    await symlink('/etc/passwd', join(own, 'RemInst', 'leak'));
    expect(
      await load(
        "  tftp: {}\n  images: { root: ./RemInst, groups: { Mine: [a.wim] } }\nafter: { compare-disk-with: { file: 'Images\\Mine\\a.wim', name: x } }",
      ),
    ).toContain('there is no image "x" in Images\\Mine\\a.wim (its images: none)');
  });

  it('is named with its target when the root is a dangling link', async () => {
    await symlink('nowhere', join(own, 'root'));
    expect(await load('  tftp: { root: ./root }')).toContain(
      'services.tftp.root: expected a folder that can be read, got …/stranger/root, a link to nowhere, which does not exist',
    );
  });

  it('is named when it may not be read', async () => {
    const file = join(own, 'mine', 'file');
    await writeFile(join(own, 'x.yaml'), yaml('  tftp: { root: ./mine }'));
    await chmod(file, 0);
    const script = `
      const { loadScenario } = await import(${JSON.stringify(join(import.meta.dirname, 'load-scenario.ts'))});
      await loadScenario(process.argv[1]).catch((error) => console.log(error.name, error.message));`;
    const node = [process.execPath, '--input-type=module', '-e', script, join(own, 'x.yaml')];
    // The system's root may read everything, by these two capabilities (capabilities(7)).
    const bound = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'] : [];
    const [program = '', ...args] = [...bound, ...node];
    expect(execFileSync(program, args, { encoding: 'utf8' }).trim()).toBe(
      `ScenarioError ${own}/x.yaml:4:17: services.tftp.root: expected a folder that can be read, got ${file}, which may not be read (EACCES)`,
    );
  });
});
