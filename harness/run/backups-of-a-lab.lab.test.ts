import { execa } from 'execa';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { BOOTSTRAP, PROJECT, pxewright } from './testing/pxewright.ts';
import { ServedLab } from './testing/served-lab.ts';

// The store of a lab that runs, seen from outside, after a client in it has saved a disk over the network.

const SCENARIO = `
name: A store of backups
services: { tftp: {}, images: {}, backups: { password: secret } }
clients: [{ name: pc }]
`;
const ID = '20261128T100000Z';
const SHARE = "smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab'";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let scenario: string;
let lab: ServedLab;
beforeAll(async () => {
  folder = await temporaryFolder();
  scenario = join(folder.path, 'store.yaml');
  await writeFile(scenario, SCENARIO);
  const disk = join(folder.path, 'disk');
  const tree = join(folder.path, 'tree');
  await mkdir(tree);
  await writeFile(join(tree, 'letter.txt'), 'lost and found\n', { mode: 0o600 });
  await execa('truncate', ['-s', '4M', disk]);
  await execa('mkfs.ext4', ['-q', '-d', tree, disk]);
  lab = await ServedLab.start(scenario);
  const saves = join(folder.path, 'saves.ts');
  const helper = join(PROJECT, 'servers/images/backup-store/testing/written-backup.ts');
  await writeFile(
    saves,
    `import { writeBackup } from ${JSON.stringify(helper)};
    const store = { folder: 'rest:http://172.22.52.207:8000/', password: 'secret' };
    await writeBackup(store, { client: 'pc', id: '${ID}', disk: ${JSON.stringify(disk)} });`,
  );
  expect(await lab.run(`'${process.execPath}' '${saves}'`)).toEqual({ exitCode: 0, output: '' });
});
afterAll(async () => {
  await lab.stop();
  await folder[Symbol.asyncDispose]();
});

async function backups(...args: string[]) {
  const { exitCode, stdout, stderr } = await pxewright(['backups', ...args, '--run', scenario]);
  return { exitCode, stdout, stderr };
}

it('is listed from outside and from inside, and its data are read', async () => {
  expect(JSON.parse((await backups('list', '--json')).stdout)).toMatchObject([
    { client: 'pc', id: ID, state: 'complete', kind: 'cold', diskBytes: 4 * 2 ** 20 },
  ]);
  const { output } = await lab.run(`'${process.execPath}' '${BOOTSTRAP}' backups verify pc`);
  expect(output).toBe(`pc/${ID}: whole`);
  expect((await backups('list')).stdout).toMatch(/ complete +whole, /);
});

it('gives a file back to a client of the lab by the image share', async () => {
  expect(await backups('extract', 'pc', '0', '/letter.txt', '--to-share')).toEqual({
    exitCode: 0,
    stdout: `1 of 1 written below Recovered\\pc\\${ID}\\partition-0 of the image share`,
    stderr: '',
  });
  const fetched = await lab.run(`${SHARE} -c 'get "Recovered\\pc\\${ID}\\partition-0\\letter.txt" -' 2>/dev/null`);
  expect(fetched.output).toBe('lost and found');
  const list = await lab.run(`${SHARE} -c 'get "Recovered\\pc\\${ID}\\partition-0.sha256" -' 2>/dev/null`);
  const sha256 = createHash('sha256').update('lost and found\n').digest('hex');
  expect(list.output).toBe(`${sha256}  partition-0/letter.txt\n# files: 1`);
});

it('is not there in a lab without one, and says what was expected', async () => {
  const both = await backups('list', '--store', folder.path);
  expect(both).toMatchObject({ exitCode: 3, stderr: 'expected --run or --store, got both' });
  const none = await pxewright(['backups', 'extract', 'pc', '0', '/', '--to-share', '--store', folder.path]);
  expect(none).toMatchObject({ exitCode: 3 });
  expect(none.stderr).toBe('--to-share: expected a running lab with an image share (services.images), got none');
  expect((await pxewright(['backups', 'list', '--store', '/nowhere'])).stderr).toMatch(
    /^--store: expected a folder, such as a scenario's services\.backups\.store, got \/nowhere, which does not exist$/,
  );
  // restic would ask for its files for a quarter of an hour.
  expect(await pxewright(['backups', 'list', '--store', scenario])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/which is no folder$/) as string,
  });
});

it('takes a name after --, and explains a verb by help, too', async () => {
  const shown = await pxewright(['backups', 'show', '--run', scenario, '--', 'pc']);
  expect([shown.exitCode, shown.stdout]).toEqual([0, expect.stringMatching(/^pc\//)]);
  const [help, explained] = [
    await pxewright(['backups', 'list', '--help']),
    await pxewright(['backups', 'help', 'list']),
  ];
  expect(explained.stdout).toBe(help.stdout);
});

it('ends with its command, however that ends', async () => {
  // Whoever reads it waits for a writer.
  const fifo = join(folder.path, 'fifo');
  await execa('mkfifo', [fifo]);
  const command = execa(
    process.execPath,
    [BOOTSTRAP, 'backups', 'list', '--store', folder.path, '--password-file', fifo],
    {
      reject: false,
    },
  );
  const isRunning = async () =>
    (await execa('pgrep', ['-f', `servers/images/backups.* ${fifo}`], { reject: false })).exitCode === 0;
  await expect.poll(isRunning, { timeout: 10_000 }).toBe(true);
  command.kill('SIGKILL');
  await command;
  await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
});
