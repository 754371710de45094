import { execa } from 'execa';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_FOLDER } from '../setup/installation.ts';

const GOOD = 'name: x\nservices: { tftp: {} }\nclients: [{ name: pc }]\n';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'validate-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** The command as it is typed, on a host that has nothing but Node. */
async function validate(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(PACKAGE_FOLDER, 'harness/cli/main.ts'), 'validate', ...args],
    { cwd: PACKAGE_FOLDER, env: { PATH: '/nowhere', PXEWRIGHT_CACHE: join(folder, 'cache') }, reject: false },
  );
  return { exitCode, stdout: stdout.replaceAll(folder, '…'), stderr };
}

describe('pxewright validate', () => {
  it('has nothing against the bundled scenarios, and builds nothing to see that', async () => {
    const { exitCode, stdout, stderr } = await validate();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^\d\d+ scenarios in \d\d+ files: no problems$/);
    expect(await readdir(folder)).not.toContain('cache');
  });

  it('tells every problem of every file, whichever check finds it', async () => {
    await write('all/a.yaml', `${GOOD}steps: [boot.complete, tftp.transfer: { path: 'boot\\x86\\wdsnpb.com' }]\n`);
    await write('all/b.yaml', 'name: y\nclients: []\n');
    await write('all/c.yaml', GOOD);
    expect(await validate(join(folder, 'all'), join(folder, 'none.yaml'))).toEqual({
      exitCode: 3,
      stderr: '',
      stdout: [
        '…/all/a.yaml:4:24: steps[1]: expected boot.complete as the last step, since the boot ends with it, got tftp.transfer after it',
        '…/all/a.yaml:4:47: steps[1].tftp.transfer.path: file "boot\\\\x86\\\\wdsnpb.com" is not among the files of boot-files/wds (did you mean "boot/x86/wdsnbp.com"?)',
        '…/all/b.yaml:1:1: missing key "services" (expected a map of services, e.g. { dhcp: {}, tftp: {} })',
        '…/all/b.yaml:2:10: clients: expected at least one client, got an empty list',
        '…/none.yaml: expected a scenario file, got no such file',
        '5 problems in 3 of 4 files',
      ].join('\n'),
    });
  });

  it('finds two files with one id', async () => {
    await write('one/scenarios/x.yaml', GOOD);
    await write('two/scenarios/x.yaml', GOOD);
    const { exitCode, stdout } = await validate('--json', join(folder, 'one'), join(folder, 'two'));
    expect(exitCode).toBe(3);
    const { problems, files } = JSON.parse(stdout) as {
      problems: number;
      files: { file: string; scenarios: string[]; problems: { message: string }[] }[];
    };
    expect(problems).toBe(1);
    expect(files.map(({ file, scenarios, problems }) => [file, scenarios, problems.length])).toEqual([
      ['…/one/scenarios/x.yaml', ['x'], 0],
      ['…/two/scenarios/x.yaml', ['x'], 1],
    ]);
    expect(files[1]?.problems[0]?.message).toMatch(
      'expected an id for each scenario, got "x" for …/one/scenarios/x.yaml',
    );
  });

  it('says in JSON where a problem is', async () => {
    const file = await write('json/a.yaml', `${GOOD}steps: [dhcp.akc]\n`);
    const { stdout } = await validate('--json', file);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: 1,
      files: [
        {
          file: '…/json/a.yaml',
          scenarios: [],
          problems: [
            { line: 4, column: 9, path: 'steps[0]', got: '"dhcp.akc"', message: expect.any(String) as string },
          ],
        },
      ],
    });
  });

  it('checks what a command line makes of the files', async () => {
    const file = await write('matrix/a.yaml', GOOD);
    expect(await validate(file)).toMatchObject({ exitCode: 0 });
    const { exitCode, stdout } = await validate('--matrix', 'firmware=uefi', '--matrix', 'nic=i82559c', file);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch('…/matrix/a.yaml with --matrix: matrix.nic[0]: network card "i82559c" does not boot under');
  });
});
