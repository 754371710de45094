import { execa } from 'execa';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WILDCARD_DIALECT } from '../../harness/protocols/smb/wire/negotiate.ts';
import { ask } from '../samba/smb-ready.ts';

const PROGRAM = path.join(import.meta.dirname, 'smb.ts');
// Folders of a Samba that is installed on the host.
const HOST_STATE = [
  '/var/lib/samba',
  '/var/lib/samba/private',
  '/var/cache/samba',
  '/var/log/samba',
  '/var/log/samba/cores',
  '/run/samba',
];

let work: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-smb-'));
  await mkdir(path.join(work, 'root', 'Images'), { recursive: true });
  await chmod(work, 0o755);
  await writeFile(path.join(work, 'root', 'Images', 'sample.wim'), 'MSWIM');
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

interface Event {
  readonly event: string;
  readonly [key: string]: unknown;
}

/** Starts the program; `inUserNamespace` as an ordinary user's lab would have it, where setgroups is denied. */
async function started(name: string, inUserNamespace: boolean) {
  const port = await freePort();
  const state = path.join(work, name);
  const config = {
    address: '127.0.0.1',
    port,
    state,
    root: path.join(work, 'root'),
    accounts: [
      { name: 'administrateur', password: 'Passw0rd.lab' },
      { name: 'bob', password: 'ça "marche", non?' },
    ],
  };
  const node = [process.execPath, PROGRAM, '--config', '-'];
  const command = inUserNamespace ? ['unshare', '--user', '--map-root-user', '--', ...node] : node;
  const server = execa(command[0] ?? '', command.slice(1), {
    input: JSON.stringify(config),
    reject: false,
    buffer: { stdout: false, stderr: true },
  });
  const events: Event[] = [];
  const lines = createInterface({ input: server.stdout });
  lines.on('line', (line) => {
    events.push(JSON.parse(line) as Event);
  });
  const first = await Promise.race([once(lines, 'line'), server]);
  if (!Array.isArray(first)) throw new Error(first.stderr);
  return {
    port,
    state,
    events,
    server,
    stop: async () => {
      server.kill('SIGTERM');
      return server;
    },
  };
}

const BOB = ['-U', 'bob%ça "marche", non?'];

const list = (port: number, credentials: string[]) =>
  execa('smbclient', ['//127.0.0.1/REMINST', '-p', String(port), '-c', 'ls Images/*', ...credentials], {
    reject: false,
    all: true,
  });

/** SMB 2.1, IPC$, DFS referral for the share: prints the NTSTATUS. */
const DFS_REFERRAL = `
import sys
from impacket.smbconnection import SMBConnection
from impacket.smb3structs import SMB2_DIALECT_21
connection = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=int(sys.argv[1]), preferredDialect=SMB2_DIALECT_21)
connection.login('administrateur', 'Passw0rd.lab', 'SYSTEM')
server = connection.getSMBServer()
tree = connection.connectTree('IPC$')
try:
    server.ioctl(tree, None, 0x00060194, flags=1, inputBlob=b'\\x04\\x00' + '\\\\127.0.0.1\\\\REMINST\\0'.encode('utf-16-le'), maxOutputResponse=4096)
    print('referral')
except Exception as error:
    print('0x%08X' % error.get_error_code())
`;

// Root makes these namespaces and looks into them; runs of an ordinary user are tested by ordinary-user.lab.test.ts.
describe.skipIf(process.getuid?.() !== 0).each([{ inUserNamespace: false }, { inUserNamespace: true }])(
  'smbd, in a user namespace: $inUserNamespace',
  ({ inUserNamespace }) => {
    let running: Awaited<ReturnType<typeof started>>;
    beforeAll(async () => {
      running = await started(`state-${inUserNamespace}`, inUserNamespace);
    });
    afterAll(async () => {
      await running.stop();
    });

    it('lets every account in with its own password', async () => {
      for (const credentials of [
        'SYSTEM\\administrateur%Passw0rd.lab',
        'SYSTEM\\Administrateur%Passw0rd.lab',
        'bob%ça "marche", non?',
      ]) {
        expect((await list(running.port, ['-U', credentials])).stdout).toContain('sample.wim');
      }
      await vi.waitFor(() => {
        expect(running.events.find((event) => event.event === 'logon')).toMatchObject({
          domain: 'SYSTEM',
          user: 'administrateur',
          from: '127.0.0.1',
          status: 'NT_STATUS_OK',
          method: 'NTLMv2',
        });
      }, 10_000);
    });

    it("refuses wrong passwords, one account's password for another, and guests", async () => {
      expect((await list(running.port, ['-U', 'SYSTEM\\administrateur%wrong'])).all).toContain(
        'NT_STATUS_LOGON_FAILURE',
      );
      expect((await list(running.port, ['-U', 'bob%Passw0rd.lab'])).all).toContain('NT_STATUS_LOGON_FAILURE');
      expect((await list(running.port, ['-U', 'nobody%'])).all).toContain('NT_STATUS_LOGON_FAILURE');
      expect((await list(running.port, ['-N'])).all).toContain('NT_STATUS_ACCESS_DENIED');
      // Samba logs a refusal after it has sent it.
      await vi.waitFor(() => {
        const logons = running.events.filter((event) => event.event === 'logon');
        expect(logons.map((event) => event['status'])).toContain('NT_STATUS_WRONG_PASSWORD');
      }, 10_000);
    });

    it('is read-only', async () => {
      const put = await execa(
        'smbclient',
        ['//127.0.0.1/REMINST', '-p', String(running.port), '-U', 'bob%ça "marche", non?', '-c', `put ${PROGRAM} new`],
        { reject: false, all: true },
      );
      expect(put.all).toContain('NT_STATUS_ACCESS_DENIED');
    });

    it('gives smbclient no file by a link that leads out, nor a special file, also when it came later, and says why', async () => {
      const share = path.join(work, 'root');
      const made = await mkdtemp(path.join(share, 'links-'));
      const at = path.basename(made);
      await writeFile(path.join(work, 'secret'), 'of the host');
      await writeFile(path.join(made, 'plain'), 'MSWIM');
      const links = {
        leak: path.join(work, 'secret'),
        up: '../../secret',
        chain: 'leak',
        folder: '../..',
        gone: 'nowhere',
        inside: 'plain',
        absolute: path.join(made, 'plain'),
      };
      for (const [name, target] of Object.entries(links)) await symlink(target, path.join(made, name));
      await execa('mkfifo', [path.join(made, 'fifo')]);
      const get = async (name: string) => {
        const target = path.join(work, 'got');
        await rm(target, { force: true });
        const { all } = await execa(
          'smbclient',
          ['//127.0.0.1/REMINST', '-p', String(running.port), ...BOB, '-c', `get ${at}/${name} ${target}`],
          { reject: false, all: true, timeout: 20_000 },
        );
        return /NT_STATUS_\w+/.exec(all)?.[0] ?? readFile(target, 'utf8');
      };
      for (const name of ['leak', 'up', 'chain', 'gone'])
        expect(await get(name), name).toBe('NT_STATUS_OBJECT_NAME_NOT_FOUND');
      expect(await get('folder/secret')).toBe('NT_STATUS_OBJECT_PATH_NOT_FOUND');
      expect(await get('fifo')).toMatch(/^NT_STATUS_/);
      expect([await get('inside'), await get('absolute')]).toEqual(['MSWIM', 'MSWIM']);
      const why = () => running.events.filter(({ event }) => event === 'error').map(({ message }) => message);
      for (const reason of [
        'leak leads out of the root folder by a link',
        'up leads out of the root folder by a link',
        'chain leads out of the root folder by a link',
        'folder leads out of the root folder by a link',
        'gone is a dangling link',
        'fifo is a FIFO, and only files are served',
      ])
        await expect.poll(why).toContain(`${at}/${reason}: clients are refused`);
      await rm(made, { recursive: true });
    });

    it('lets no SMB1 client make a link', async () => {
      const { all } = await execa(
        'smbclient',
        [
          '//127.0.0.1/REMINST',
          '-p',
          String(running.port),
          '-m',
          'NT1',
          '--option=client min protocol=NT1',
          ...BOB,
          '-c',
          'posix',
        ],
        { reject: false, all: true },
      );
      expect(all).toContain("doesn't support UNIX CIFS extensions");
    });

    it('answers SMB 2.??? at the SMB1 front door with 0x02FF', async () => {
      expect(await ask('127.0.0.1', running.port, 5000)).toBe(WILDCARD_DIALECT);
    });

    it('answers a DFS referral with STATUS_NOT_FOUND', async () => {
      const { stdout } = await execa('/usr/bin/python3', ['-c', DFS_REFERRAL, String(running.port)]);
      expect(stdout).toBe('0xC0000225');
    });
  },
);

it.skipIf(process.getuid?.() !== 0)(
  'stops on SIGTERM with all its processes, and wrote nothing outside its folder',
  async () => {
    const stamps = () =>
      Promise.all(
        HOST_STATE.map((folder) =>
          stat(folder).then(
            (found) => found.mtimeMs,
            () => 0,
          ),
        ),
      );
    const before = await stamps();
    const running = await started('state-stop', false);
    await list(running.port, ['-U', 'bob%ça "marche", non?']);
    const result = await running.stop();
    expect(result.exitCode).toBe(0);
    expect(running.events.at(-1)).toMatchObject({ event: 'stopped', counters: { logons: 1, refused: 0 } });
    expect(await ask('127.0.0.1', running.port, 1000)).toBe('ECONNREFUSED');
    expect(await stamps()).toEqual(before);
    expect(await readdir(running.state)).toContain('smbd.log');
  },
);

it('refuses a configuration with the field, what was expected and what it got', async () => {
  const result = await execa(process.execPath, [PROGRAM, '--config', '-'], {
    input: '{"address":"nowhere","state":"/tmp/x","root":"/tmp"}',
    reject: false,
  });
  expect(result.exitCode).toBe(3);
  expect(result.stderr).toBe('smb: address: expected an IPv4 address such as 172.22.52.207, got "nowhere"');
});
