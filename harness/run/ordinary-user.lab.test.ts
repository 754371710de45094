import { describe, expect, it } from 'vitest';
import { resultSchema } from '../../reports/result.ts';
import { Mark } from './testing/leftovers.ts';
import { asOrdinaryUser, bundlesOf } from './testing/ordinary-user.ts';
import { QUICK_SCENARIOS } from './testing/pxewright.ts';

// Without root: a user namespace gives the lab what it needs, but for the taps of VMs, whose device the host must
// open.

const TEST_TIMEOUT = { timeout: 120_000 };
const EVERYTHING = 'harness/run/testing/served/everything.yaml';
const TUN_CLOSED =
  "no VM can join a lab's bridge here: /dev/net/tun is closed to this user; to fix it, run: sudo chmod 0666 /dev/net/tun, or run with sudo";

// Becoming an ordinary user needs root; as an ordinary user every other lab test says the same.
describe.skipIf(process.getuid?.() !== 0)('an ordinary user', () => {
  it('is told by doctor and by run what is missing, in one sentence, with the remedy', TEST_TIMEOUT, async () => {
    const mark = new Mark();
    const [doctor, run] = await Promise.all([
      asOrdinaryUser(['doctor'], { mark, tun: 'closed' }),
      asOrdinaryUser(['run', `${QUICK_SCENARIOS}/silent.yaml`, '--out', '/mnt/home/runs'], { mark, tun: 'closed' }),
    ]);
    expect(doctor.stdout).toMatch(/^ok +namespaces and bridge/m);
    expect(doctor.stdout).toMatch(/^MISSING +taps for VMs/m);
    expect(doctor.stdout).toContain(`taps for VMs                   ${TUN_CLOSED}`);
    expect(doctor.stdout).toMatch(/\nto fix it, run:\n {2}sudo chmod 0666 \/dev\/net\/tun, or run with sudo$/);
    expect(doctor.exitCode).toBe(2);
    expect(run.stderr).toBe(`pxewright: ${TUN_CLOSED}`);
    expect(run.exitCode).toBe(2);
    expect(await mark.left()).toEqual([]);
  });

  it('serves every service all the same, Samba included', TEST_TIMEOUT, async () => {
    const mark = new Mark();
    const bundles = await bundlesOf(EVERYTHING);
    const visit = [
      'curl -s tftp://172.22.52.207/boot/x86/wdsnbp.com | wc -c',
      'curl -s http://172.22.52.207/boot/x86/wdsnbp.com | wc -c',
      'busybox udhcpc -n -q -f -i br0 -s /bin/true 2>&1 | grep -o "lease of" || echo no lease',
      `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'cd Images; ls' 2>&1 | grep -o Linux || echo no Images`,
      `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%wrong' -c ls 2>&1 | grep -o NT_STATUS_LOGON_FAILURE || echo let in`,
      'exit 9',
    ].join('\n');
    const { stdout, stderr, exitCode } = await asOrdinaryUser(['serve', EVERYTHING, '--', 'sh', '-c', visit], {
      mark,
      tun: 'closed',
      bundles,
    });
    const bootFile = String(
      bundles.find(({ name }) => name === 'boot-files/wds')?.files.find(({ path }) => path.endsWith('wdsnbp.com'))
        ?.size,
    );
    expect({ lines: stdout.split('\n'), stderr }).toEqual({
      lines: [bootFile, bootFile, 'lease of', 'Linux', 'NT_STATUS_LOGON_FAILURE'],
      stderr: '',
    });
    expect(exitCode).toBe(9);
    expect(await mark.left()).toEqual([]);
  });

  it(
    'shows COMMAND as root, who is nobody but this user on files, and as the user with --user',
    TEST_TIMEOUT,
    async () => {
      const mark = new Mark();
      const who = 'id -u; cat /etc/shadow >/dev/null 2>&1 || echo no shadow; touch /mnt/home/x; stat -c %u /mnt/home/x';
      const serve = (user: readonly string[]) =>
        asOrdinaryUser(['serve', `${QUICK_SCENARIOS}/silent.yaml`, ...user, '--', 'sh', '-c', who], {
          mark,
          tun: 'closed',
        });
      const both = [await serve([]), await serve(['--user', 'nobody'])];
      expect(both.map(({ stdout }) => stdout.split('\n'))).toEqual([
        ['0', 'no shadow', '0'],
        ['65534', 'no shadow', '65534'],
      ]);
      expect(await mark.left()).toEqual([]);
    },
  );

  it('plays clients that are programs without /dev/net/tun', TEST_TIMEOUT, async () => {
    const mark = new Mark();
    const bundles = await bundlesOf('scenarios/wds/prompt-opt-out.yaml');
    const { stdout, exitCode } = await asOrdinaryUser(
      ['run', 'scenarios/wds/prompt-opt-out.yaml', '--out', '/mnt/home/runs', '--reporter', 'json'],
      { mark, tun: 'closed', bundles },
    );
    const result = resultSchema.parse(JSON.parse(stdout));
    expect(result.scenarios.map(({ id, verdict, why }) => [id, verdict, why])).toEqual([
      ['wds/prompt-opt-out', 'passed', undefined],
    ]);
    expect(result.host.accel).toBe('none');
    expect(exitCode).toBe(0);
    expect(await mark.left()).toEqual([]);
  });

  it(
    'serves a domain all the same: its DNS, its tickets, and the share by NTLM and by Kerberos',
    TEST_TIMEOUT,
    async () => {
      const mark = new Mark();
      const bundles = await bundlesOf('scenarios/wds/active-directory.yaml');
      const list = (how: string) =>
        `smbclient //wds.system.lab/REMINST -U ${how} -c 'cd Images; ls' 2>&1 | grep -o Linux || echo no Images`;
      const visit = [
        // Private to the lab, as everything below /run is.
        'echo nameserver 172.22.52.207 >/run/resolv.conf; mount --bind /run/resolv.conf /etc/resolv.conf',
        `printf '[libdefaults]\\n default_realm = SYSTEM.LAB\\n dns_lookup_kdc = true\\n' >/run/krb5.conf; export KRB5_CONFIG=/run/krb5.conf`,
        list("'SYSTEM\\administrateur%Passw0rd.lab'"),
        list('administrateur@SYSTEM.LAB%Passw0rd.lab --realm=SYSTEM.LAB --use-kerberos=required'),
        'echo wrong | kinit -c FILE:/run/ccache administrateur 2>&1 | grep -o "Password incorrect" || echo a ticket',
        'exit 9',
      ].join('\n');
      const { stdout, stderr, exitCode } = await asOrdinaryUser(
        ['serve', 'scenarios/wds/active-directory.yaml', '--', 'sh', '-c', visit],
        { mark, tun: 'closed', bundles },
      );
      expect({ lines: stdout.split('\n'), stderr }).toEqual({
        lines: ['Linux', 'Linux', 'Password incorrect'],
        stderr: '',
      });
      expect(exitCode).toBe(9);
      expect(await mark.left()).toEqual([]);
    },
  );

  it('boots VMs where the host has opened /dev/net/tun', TEST_TIMEOUT, async () => {
    const mark = new Mark();
    const { stdout, exitCode } = await asOrdinaryUser(
      ['run', `${QUICK_SCENARIOS}/silent.yaml`, '--out', '/mnt/home/runs', '--reporter', 'json'],
      { mark, tun: 'open' },
    );
    const result = resultSchema.parse(JSON.parse(stdout));
    expect(result.scenarios.map(({ id, verdict, why }) => [id, verdict, why])).toEqual([
      ['silent', 'passed', undefined],
    ]);
    expect(result.scenarios[0]?.capture).toMatchObject({ dropped: 0 });
    expect(exitCode).toBe(0);
    expect(await mark.left()).toEqual([]);
  });
});
