import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBundles } from '../../vm-images/index.ts';
import { Mark } from './testing/leftovers.ts';
import { pxewright, type Finished } from './testing/pxewright.ts';

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
