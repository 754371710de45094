import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { execa } from 'execa';
import { globSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { resultSchema } from '../../../reports/result.ts';
import { PACKAGE_FOLDER } from '../installation.ts';
import { installedProject, npm, type InstalledProject } from './testing/installed-package.ts';

// The package as its user has it: packed, and installed by npm into an empty project, whose path has a space in it.

const PACKAGES = ['pxewright', 'qemu-wrapper', 'tcpdump-wrapper'];
// Those that the package promises; the pinned Node 24 runs everything else.
const OLDEST_NODE = '22.18.0';
const NEWEST_NODE = '26';
const SCENARIO = 'scenarios/silent.yaml';

let work = '';
let project = '';
let installed: InstalledProject | undefined;
const tarballs = new Map<string, Buffer>();

beforeAll(async () => {
  installed = await installedProject(PACKAGES, ['vitest', 'typescript', '@types/node']);
  ({ work, project } = installed);
  for (const [index, name] of PACKAGES.entries()) tarballs.set(name, await readFile(installed.tarballs[index] ?? ''));
});
afterAll(() => installed?.[Symbol.asyncDispose]());

/** A command that npm installed, in the project, by a Node of its own if one is given. */
function npx(args: readonly string[], node?: string) {
  const path = process.env['PATH'] ?? '';
  return execa('npx', ['--no-install', ...args], {
    cwd: project,
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { NO_COLOR: '1', PATH: node === undefined ? path : `${node}:${path}` },
  });
}

/** Folder with another Node. */
async function installedNode(version: string): Promise<string> {
  const folder = join(work, `node-${version}`);
  await mkdir(folder);
  const manifest = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(folder, ['install']);
  return join(folder, 'node_modules/.bin');
}

interface GithubWorkflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}
type GitlabJobs = Readonly<
  Record<
    string,
    { readonly script: readonly string[]; readonly artifacts: { readonly reports: { readonly junit: string } } }
  >
>;

/** Commands as a CI host gives them to a shell. */
function script(commands: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return execa('bash', ['-e', '-o', 'pipefail', '-c', commands.join('\n')], {
    cwd: project,
    env: { ...env, CI: 'true' },
    reject: false,
    all: true,
    stdin: 'ignore',
  });
}

/** In place of the first scenario, one that takes seconds. */
async function useQuickScenario(): Promise<void> {
  await rm(join(project, 'scenarios'), { recursive: true, force: true });
  await cp(join(PACKAGE_FOLDER, 'harness/run/testing/scenarios/silent.yaml'), join(project, SCENARIO));
}

describe.each(PACKAGES)('the package %s', (name) => {
  it('is one that publint has nothing to say about', async () => {
    const files = tarballs.get(name) ?? Buffer.alloc(0);
    const { messages } = await publint({
      pack: { tarball: files.buffer.slice(files.byteOffset, files.byteOffset + files.length) as ArrayBuffer },
    });
    expect(messages).toEqual([]);
  });

  it('has types that fit its modules', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarballs.get(name) ?? [])));
    if (analysis.types === false) throw new Error('expected types, got none');
    // Modules of ours are ES modules alone: Node 22.12 and later require() them, too.
    const modern = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem) || /bundler|esm/.test(problem.resolutionKind),
    );
    expect(modern).toEqual([]);
  });
});

describe('pxewright in an empty project', () => {
  it('explains itself', async () => {
    const { stdout, exitCode } = await npx(['pxewright', '--help']);
    expect(stdout).toMatch(/^Usage: pxewright/);
    expect(stdout).not.toContain('undefined');
    expect(exitCode).toBe(0);
  });

  it('knows what the host has', async () => {
    const { stdout, exitCode } = await npx(['pxewright', 'doctor', '--fix', '--yes']);
    expect(stdout).toMatch(/^ok +QEMU/m);
    expect(exitCode).toBe(0);
  });

  it('judges a capture', async () => {
    const capture = join(PACKAGE_FOLDER, 'harness/observe/testdata/dhcp-dnsmasq.pcap');
    const { stdout } = await npx(['pxewright', 'replay', capture, '--json']);
    expect(resultSchema.parse(JSON.parse(stdout)).scenarios[0]?.clients.length).toBeGreaterThan(0);
  });

  it('has types for scenarios and tests, which find a misspelt key', async () => {
    await writeFile(
      join(project, 'good.mts'),
      `import { defineScenario } from 'pxewright';
       import { describeScenarios } from 'pxewright/vitest';
       import { startVm } from 'qemu-wrapper';
       import { openCaptureFile } from 'tcpdump-wrapper';
       export default defineScenario({ name: 'x', services: { dhcp: {} }, clients: [{ name: 'pc' }] });
       export const all: Promise<void> = describeScenarios('scenarios', { marginMs: 1 });
       export const others = [startVm, openCaptureFile];`,
    );
    await writeFile(
      join(project, 'bad.mts'),
      `import { defineScenario } from 'pxewright';
       export default defineScenario({ name: 'x', services: { dhpc: {} }, clients: [{ name: 'pc' }] });`,
    );
    const strict = [
      'tsc',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--skipLibCheck',
      'false',
      '--types',
      'node',
    ];
    const { all } = await npx([...strict, 'good.mts', 'bad.mts']);
    const errors = all.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toEqual([expect.stringMatching(/^bad\.mts.*'dhpc' does not exist/)]);
  });

  it('loads a scenario module, although npm init has said "commonjs"', async () => {
    await writeFile(
      join(project, 'module.scenario.ts'),
      `import { defineScenario } from 'pxewright';
       export default defineScenario({ name: 'From a module', services: { dhcp: {} }, clients: [{ name: 'pc' }] });`,
    );
    const { all } = await npx(['pxewright', 'list', 'module.scenario.ts']);
    expect(all).toContain('From a module');
  });

  it('begins a project, and leaves what is there', async () => {
    await writeFile(join(project, '.gitignore'), 'mine\n');
    const { stdout, exitCode } = await npx(['pxewright', 'init']);
    expect(exitCode).toBe(0);
    expect(stdout.match(/^created /gm)).toHaveLength(4);
    expect(stdout).toMatch(/^kept {4}\.gitignore/m);
    expect(await readFile(join(project, '.gitignore'), 'utf8')).toBe('mine\n');
    const [firstLine] = (await readFile(join(project, 'scenarios/first-boot.yaml'), 'utf8')).split('\n');
    const schema = /\$schema=(.*)/.exec(firstLine ?? '')?.[1] ?? '';
    expect(JSON.parse(await readFile(join(project, 'scenarios', schema), 'utf8'))).toHaveProperty('title');
  });

  it('boots by the GitHub workflow that it has made, but for the preparation of their host', async () => {
    const { jobs } = parse(await readFile(join(project, '.github/workflows/boot-tests.yml'), 'utf8')) as GithubWorkflow;
    const scripts = (jobs['boot']?.steps ?? []).flatMap(({ run }) =>
      run === undefined || run.includes('sudo') ? [] : [run],
    );
    expect(scripts).toHaveLength(2);
    const { all, exitCode } = await script(scripts, { GITHUB_STEP_SUMMARY: join(work, 'summary.md') });
    expect(exitCode, all).toBe(0);
    expect(await readFile(join(work, 'summary.md'), 'utf8')).toContain('DHCP-only boot');
  });

  it('boots by the GitLab job that it has made', async () => {
    const { 'boot-tests': job } = parse(await readFile(join(project, '.gitlab-ci.yml'), 'utf8')) as GitlabJobs;
    await useQuickScenario();
    const { all, exitCode } = await script(job?.script ?? []);
    expect(exitCode, all).toBe(0);
    const [junit] = globSync(job?.artifacts.reports.junit ?? '', { cwd: project });
    expect(await readFile(join(project, junit ?? ''), 'utf8')).toContain('<testsuites');
  });

  it('boots by the vitest file that it has made, on the oldest Node', async () => {
    await useQuickScenario();
    const { all, exitCode } = await npx(['vitest', 'run', 'scenarios.test.ts'], await installedNode(OLDEST_NODE));
    expect(all).toMatch(/Tests +1 passed/);
    expect(exitCode).toBe(0);
  });

  it('boots by its command, on the newest Node, and says how to run it again', async () => {
    await useQuickScenario();
    const command = ['pxewright', 'run', SCENARIO, '--out', 'its runs', '--reporter', 'json'];
    const { stdout, exitCode } = await npx(command, await installedNode(NEWEST_NODE));
    const { scenarios, verdict } = resultSchema.parse(JSON.parse(stdout));
    expect([verdict, exitCode]).toEqual(['passed', 0]);
    expect(scenarios[0]?.rerun).toEqual([`npx pxewright run ${SCENARIO}`]);
  });
});
