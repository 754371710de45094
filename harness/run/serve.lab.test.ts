import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBundles } from '../../vm-images/index.ts';
import { Mark } from './testing/leftovers.ts';
import { BOOTSTRAP, PROJECT, pxewright, type Finished } from './testing/pxewright.ts';

// Services in a lab, seen by clients that we did not write. Two labs at once have the same addresses and never meet.

const EVERYTHING = 'harness/run/testing/served/everything.yaml';
const BOOT_FILE = 'boot/x86/wdsnbp.com';
/** What the visitor does, one line of output a question. */
const VISIT = [
  `curl -s tftp://172.22.52.207/${BOOT_FILE} | sha256sum`,
  `curl -s http://172.22.52.207/${BOOT_FILE} | sha256sum`,
  'busybox udhcpc -n -q -f -i br0 -s /bin/true 2>&1 | grep "lease of" || echo no lease',
  `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'cd Images; ls' 2>&1 | grep -o Linux || echo no Images`,
  `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%wrong' -c ls 2>&1 | grep -o NT_STATUS_LOGON_FAILURE || echo let in`,
  'curl -s -m 2 http://192.0.2.1/; echo "outside: $?"',
  'ls /run/pxewright/services',
  'cat >&2',
  'exit 42',
].join('\n');

let visits: Finished[] = [];
let bootFileHash = '';
beforeAll(async () => {
  const mark = new Mark();
  const serve = () =>
    pxewright(['serve', EVERYTHING, '--', 'sh', '-c', VISIT], mark.env, { input: 'said on standard input' });
  const running = [serve(), serve()];
  const both = await Promise.all([mark.process(/^sh -c curl/), ...running]);
  visits = both.slice(1) as Finished[];
  const bundle = (await ensureBundles(['boot-files/wds'])).get('boot-files/wds');
  bootFileHash = createHash('sha256')
    .update(await readFile(join(bundle?.folder ?? '', BOOT_FILE)))
    .digest('hex');
  expect(await mark.left()).toEqual([]);
}, 120_000);

describe('pxewright serve -- COMMAND', () => {
  it("serves other people's clients in two labs at the same moment, alike", () => {
    for (const { stdout } of visits) {
      const [byTftp, byHttp, lease, images, wrongPassword, outside, ...logs] = stdout.split('\n');
      expect([byTftp, byHttp]).toEqual([`${bootFileHash}  -`, `${bootFileHash}  -`]);
      expect(lease).toMatch(/^udhcpc: lease of 172\.22\.52\.\d+ obtained from 172\.22\.52\.1, lease time \d+$/);
      expect(images).toBe('Linux');
      expect(wrongPassword).toBe('NT_STATUS_LOGON_FAILURE');
      // curl: 7 is "failed to connect": the lab has no way out.
      expect(outside).toBe('outside: 7');
      expect(logs).toEqual(
        expect.arrayContaining([
          'dhcp@host-1.jsonl',
          'proxydhcp@host-207.jsonl',
          'tftp@host-207.jsonl',
          'http@host-207.jsonl',
          'smb@host-207.jsonl',
        ]),
      );
    }
  });

  it('passes standard input, standard error and the exit code through', () => {
    for (const { stderr, exitCode } of visits) {
      expect(stderr).toContain('said on standard input');
      expect(exitCode).toBe(42);
    }
  });

  it('exits as a shell does for a command that is not there', { timeout: 60_000 }, async () => {
    const { exitCode, stderr } = await pxewright([
      'serve',
      'harness/run/testing/scenarios/silent.yaml',
      '--',
      'no-such-command',
    ]);
    expect(stderr).toContain('no-such-command: ');
    expect(exitCode).toBe(127);
  });
});

/** The accounts of this host, and one more that is in a group beside its own. */
const WITH_TESTER = `set -e
mount -t tmpfs accounts /mnt
cp /etc/passwd /etc/group /mnt/
echo 'tester:x:4711:4711::/home/tester:/bin/dash' >>/mnt/passwd
printf '%s\\n' 'tester:x:4711:' 'labgroup:x:4712:tester' >>/mnt/group
mount --bind /mnt/passwd /etc/passwd
mount --bind /mnt/group /etc/group
exec "$@"`;

// Becoming another user needs root; what an ordinary user's lab does instead, ordinary-user.lab.test.ts shows.
describe.skipIf(process.getuid?.() !== 0)('pxewright serve --user', () => {
  const asTester = (user: string, command: string) =>
    execa(
      'unshare',
      [
        ...['--mount', '--', 'sh', '-c', WITH_TESTER, 'sh'],
        ...[process.execPath, BOOTSTRAP, 'serve', 'harness/run/testing/scenarios/silent.yaml', '--user', user],
        ...['--', 'sh', '-c', command],
      ],
      { cwd: PROJECT, reject: false, stdin: 'ignore' },
    );

  it('runs COMMAND with that user’s groups and environment, without capabilities, on the lab’s network', {
    timeout: 60_000,
  }, async () => {
    const { stdout, exitCode } = await asTester(
      'tester',
      'id -u; id -g; id -G; echo "$HOME $SHELL $USER $LOGNAME"; grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status | tr -d "\\n\\t"; echo; cat /etc/shadow >/dev/null 2>&1 || echo no shadow; touch /etc/x 2>/dev/null || echo no write; ip -o -4 addr show br0 | grep -o "inet [0-9.]*"; exit 7',
    );
    expect(stdout.split('\n')).toEqual([
      ...['4711', '4711', '4711 4712', '/home/tester /bin/dash tester tester'],
      ['Inh', 'Prm', 'Eff', 'Amb'].map((kind) => `Cap${kind}:${'0'.repeat(16)}`).join(''),
      ...['no shadow', 'no write', 'inet 172.22.52.254'],
    ]);
    expect(exitCode).toBe(7);
  });

  it('takes a number with or without an account, and another group', { timeout: 60_000 }, async () => {
    const both = await Promise.all(
      ['4711:12', '4713:12'].map((user) => asTester(user, 'id -u; id -g; id -G; echo "$HOME $USER"')),
    );
    expect(both.map(({ stdout }) => stdout.split('\n'))).toEqual([
      ['4711', '12', '12 4711 4712', '/home/tester tester'],
      ['4713', '12', '12', '/ 4713'],
    ]);
  });
});

describe('pxewright serve', () => {
  it('says which host serves what, and waits', { timeout: 60_000 }, async () => {
    const served = pxewright(['serve', EVERYTHING]);
    let said = '';
    await new Promise<void>((resolve) =>
      served.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Ctrl-C stops it')) resolve();
      }),
    );
    served.kill('SIGTERM');
    expect((await served).exitCode).toBe(0);
    expect(said).toMatch(/^172\.22\.52\.1 +dhcp$/m);
    expect(said).toMatch(/^172\.22\.52\.207 +.*tftp, http, smb$/m);
  });
});
