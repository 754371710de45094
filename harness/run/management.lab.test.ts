import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBundles } from '../../vm-images/index.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { BOOTSTRAP, onlyRun, pxewright } from './testing/pxewright.ts';
import { ServedLab } from './testing/served-lab.ts';

// The deployment server's computers and images, changed by commands while its services run; smbclient, which we did not
// write, sees what came of it.

const SCENARIO = `
name: A deployment server with a state of its own
services:
  tftp: {}
  images: {}
  state: ./state
  devices: { known: [{ client: pc, name: PC01 }] }
clients: [{ name: pc, mac: 52:54:00:00:00:01 }]
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let kept: string;
let lab: ServedLab;
let sample: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  kept = join(folder.path, 'kept.yaml');
  await writeFile(kept, SCENARIO);
  sample = join(
    (await ensureBundles(['images/linux-sample'])).get('images/linux-sample')?.folder ?? '',
    'Images/Linux/sample.wim',
  );
  lab = await ServedLab.start(kept);
});
afterAll(async () => {
  await lab.stop();
  await folder[Symbol.asyncDispose]();
});

async function command(...args: string[]) {
  const { exitCode, stdout, stderr } = await pxewright(args);
  return { exitCode, stdout, stderr };
}

async function json(...args: string[]): Promise<unknown> {
  const { stdout, stderr } = await command(...args, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** The lab by its file: those of other tests run beside it. */
const onKept = (...args: string[]) => command(...args, '--run', kept);
const jsonOfKept = (...args: string[]) => json(...args, '--run', kept);

/** Images to install, as the command lists them; the boot images beside them are the bundle's. */
async function installImages(...options: string[]): Promise<readonly object[]> {
  return ((await json('images', 'list', ...options)) as { kind: string }[]).filter(({ kind }) => kind === 'install');
}

/** SHA-256 of a file on the share, as an SMB client reads it. */
const readByClient = (path: string) =>
  lab.run(
    `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'get "${path}" -' 2>/dev/null | sha256sum`,
  );

describe('images', () => {
  it('of the newest lab are listed when no lab is named', async () => {
    // From inside, where a lab sees no other: labs of other tests may be newer than this one.
    const { output } = await lab.run(`'${process.execPath}' '${BOOTSTRAP}' images list --json`);
    expect(JSON.parse(output)).toEqual(await jsonOfKept('images', 'list'));
  });

  it('of a lab that runs are listed', async () => {
    expect(await installImages('--run', kept)).toMatchObject([
      { path: 'Images\\Linux\\sample.wim', enabled: true, problems: [] },
    ]);
    expect(await jsonOfKept('images', 'list')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: 'Boot\\x64\\Images\\boot.wim', kind: 'boot', problems: [] }),
      ]),
    );
    expect((await onKept('images', 'list')).stdout).toMatch(
      /^IMAGE +KIND +ENABLED .*\n(.*\n)*Images\\Linux\\sample\.wim +install +yes +47\.\d MiB /,
    );
  });

  it('are added while clients look, and read by one that we did not write', async () => {
    expect(
      await onKept('images', 'add', sample, '--group', 'Workshop', '--as', 'new.wim', '--name', 'Workshop'),
    ).toMatchObject({ exitCode: 0, stdout: 'Images\\Workshop\\new.wim: added, enabled' });
    expect((await readByClient('Images\\Workshop\\new.wim')).output).toBe(
      (await lab.run(`sha256sum < '${sample}'`)).output,
    );
  });

  it('are refused when they are damaged, with exit code 1, and nothing is left of them', async () => {
    const damaged = join(folder.path, 'damaged.wim');
    await writeFile(damaged, (await readFile(sample)).subarray(0, 1_000_000));
    const { exitCode, stderr } = await onKept('images', 'add', damaged, '--group', 'Workshop');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/damaged\.wim: not added, it is damaged:\n {2}wim-truncated: expected .*, got /);
    expect(await readdir(join(folder.path, 'state/reminst/Images/Workshop'))).toEqual(['new.wim']);
  });

  it('are disabled and described without touching the file', async () => {
    expect((await onKept('images', 'disable', 'sample.wim')).exitCode).toBe(0);
    expect((await onKept('images', 'describe', 'sample.wim', '--name', 'The sample')).exitCode).toBe(0);
    expect(await installImages('--run', kept)).toMatchObject([
      { path: 'Images\\Linux\\sample.wim', enabled: false, name: 'The sample' },
      { path: 'Images\\Workshop\\new.wim', enabled: true, name: 'Workshop' },
    ]);
  });
});

describe('computers', () => {
  it('of the scenario are known, others are prestaged, named and forgotten', async () => {
    expect(await jsonOfKept('clients', 'list')).toMatchObject([
      { mac: '52:54:00:00:00:01', name: 'PC01', status: 'prestaged' },
    ]);
    expect((await onKept('clients', 'prestage', 'PC02', '--mac', '52-54-00-00-00-02', '--join', 'SYSTEM')).stdout).toBe(
      'PC02 (52:54:00:00:00:02): prestaged',
    );
    expect((await onKept('clients', 'name', '52:54:00:00:00:02', 'PC03')).exitCode).toBe(0);
    expect(await jsonOfKept('clients', 'show', 'pc03')).toMatchObject({ name: 'PC03', join: { domain: 'SYSTEM' } });
    expect((await onKept('clients', 'remove', 'PC01')).stdout).toBe('PC01 (52:54:00:00:00:01): removed');
  });

  it.each([
    [
      ['clients', 'name', 'PC03', 'a name that is too long'],
      'expected a computer name of 1 to 15 letters, digits and inner hyphens',
    ],
    [
      ['clients', 'approve', '9'],
      'expected a request id, computer name, MAC address or UUID of a known computer, got "9" (known: PC',
    ],
    [['clients', 'list', '--run', 'no-such-run'], '--run: expected a running lab, got "no-such-run" (running: '],
    [
      ['clients', 'prestage', 'PC04', '--mac', '52-54-00-00-00-04', '--organizational-unit', 'OU=Workshop'],
      'expected --join with --organizational-unit OU=Workshop',
    ],
    [['clients', 'freeze', 'PC03'], "unknown command 'freeze'"],
    [
      ['images', 'remove', 'none.wim'],
      'expected the path of an image in the store, got "none.wim" (it has: Boot\\x64\\Images\\boot.wim, ',
    ],
    [['images', 'add', '/nowhere.wim'], "required option '--group <group>' not specified"],
  ])('%j is unusable input, and says why', async (args, message) => {
    const { exitCode, stderr } = await (args.includes('--run') ? command : onKept)(...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(3);
  });
});

describe('a restart', () => {
  it('keeps what was changed, and the lab serves it', async () => {
    const before = [await jsonOfKept('images', 'list'), await jsonOfKept('clients', 'list')];
    expect(before[1]).toMatchObject([{ name: 'PC03' }]);
    expect((await lab.stop()).exitCode).toBe(0);
    expect([
      await json('images', 'list', '--state', join(folder.path, 'state')),
      await json('clients', 'list', '--state', join(folder.path, 'state')),
    ]).toEqual(before);
    expect((await command('images', 'remove', 'sample.wim', '--state', join(folder.path, 'state'))).exitCode).toBe(0);
    lab = await ServedLab.start(kept);
    expect(await installImages('--run', kept)).toMatchObject([{ path: 'Images\\Workshop\\new.wim' }]);
    expect(await jsonOfKept('clients', 'list')).toEqual(before[1]);
    expect((await readByClient('Images\\Workshop\\new.wim')).output).toBe(
      (await lab.run(`sha256sum < '${sample}'`)).output,
    );
    expect(
      (
        await lab.run(
          "smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'ls Images\\Linux\\*.wim'",
        )
      ).output,
    ).toContain('NT_STATUS_NO_SUCH_FILE');
  });
});

describe('a computer of an Active Directory domain', () => {
  const DOMAIN = `
name: A domain controller
services:
  tftp: {}
  authentication: { kind: active-directory, domain: SYSTEM, realm: system.lab, users: [{ name: administrateur, password: Passw0rd.lab }] }
  images: {}
  devices: { known: [{ client: pc, name: PC01, join: { domain: SYSTEM, organizational-unit: OU=Workshop } }, { client: waits, status: pending }] }
clients: [{ name: pc }, { name: waits }]
`;
  const PC02 = ['clients', 'prestage', 'PC02', '--mac', '52:54:00:00:00:02'];
  /** What the KDC says of an account's default password, by impacket. */
  const TICKET = `
import sys
from impacket.krb5.kerberosv5 import getKerberosTGT, KerberosError
from impacket.krb5.types import Principal
try:
    getKerberosTGT(Principal(sys.argv[1] + "$", type=1), sys.argv[1].lower(), "SYSTEM.LAB", "", "", kdcHost="172.22.52.207")
    print("ticket")
except KerberosError as error:
    print(error.getErrorCode())
`;
  const PRINCIPAL_UNKNOWN = '6';

  let scenario: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  let domain: ServedLab;
  beforeAll(async () => {
    scenario = await temporaryFolder();
    file = join(scenario.path, 'domain.yaml');
    await writeFile(file, DOMAIN);
    domain = await ServedLab.start(file);
  });
  afterAll(async () => {
    await domain.stop();
    await scenario[Symbol.asyncDispose]();
  });

  /** The running controller's answer to LDAP: DN and SID of each workstation's account. */
  const accounts = async () => {
    const { output } = await domain.run(
      "ldbsearch --url ldap://172.22.52.207 -U 'SYSTEM\\administrateur%Passw0rd.lab' '(userAccountControl:1.2.840.113556.1.4.803:=4096)' objectSid",
    );
    return Object.fromEntries(
      [...output.matchAll(/^dn: (.*),DC=system,DC=lab\nobjectSid: (.*)$/gm)].map(([, dn = '', sid]) => [dn, sid]),
    );
  };
  const ticket = async (name: string) => (await domain.run(`/usr/bin/python3 -c '${TICKET}' ${name}`)).output;
  const inLab = (...args: string[]) => command(...args, '--run', file);

  it('has its account in the directory reset, too', async () => {
    const account = async (): Promise<string> =>
      (
        await domain.run(
          'samba-tool computer show PC01 --configfile=/run/pxewright/directory/smb.conf --attributes=pwdLastSet',
        )
      ).output;
    expect(await account()).toMatch(/^pwdLastSet: 0$/m);
    expect(await inLab('clients', 'reset', 'PC01')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^PC01 \(52:54:.*\): prestaged$/) as unknown,
    });
    expect(await account()).toMatch(/^pwdLastSet: [1-9]\d{17}$/m);
    expect(await ticket('PC01')).toBe('ticket');
    expect(await installImages('--run', file)).toMatchObject([{ path: 'Images\\Linux\\sample.wim' }]);
  });

  it('gets an account when it is prestaged, keeps it under another name, and loses it when it is removed', async () => {
    expect(await inLab(...PC02, '--organizational-unit', 'OU=Workshop', '--join', 'SYSTEM')).toMatchObject({
      exitCode: 0,
      stdout: 'PC02 (52:54:00:00:00:02): prestaged',
    });
    const made = await accounts();
    expect(Object.keys(made).toSorted()).toEqual(['CN=PC01,OU=Workshop', 'CN=PC02,OU=Workshop']);
    // As a computer that has joined leaves it.
    const change =
      'dn: CN=PC02,OU=Workshop,DC=system,DC=lab\\nchangetype: modify\\nreplace: dNSHostName\\ndNSHostName: pc02.system.lab\\n-\\nadd: servicePrincipalName\\nservicePrincipalName: HOST/PC02\\nservicePrincipalName: HOST/pc02.system.lab\\n';
    expect(
      await domain.run(
        `printf '${change}' | ldbmodify --url ldap://172.22.52.207 -U 'SYSTEM\\administrateur%Passw0rd.lab'`,
      ),
    ).toMatchObject({ exitCode: 0 });
    expect(await inLab('clients', 'name', 'PC02', 'PC03')).toMatchObject({
      exitCode: 0,
      stdout: 'PC03 (52:54:00:00:00:02): prestaged',
    });
    expect(await accounts()).toEqual({
      'CN=PC01,OU=Workshop': made['CN=PC01,OU=Workshop'],
      'CN=PC03,OU=Workshop': made['CN=PC02,OU=Workshop'],
    });
    const { output } = await domain.run(
      "ldbsearch --url ldap://172.22.52.207 -U 'SYSTEM\\administrateur%Passw0rd.lab' '(sAMAccountName=PC03$)' dNSHostName servicePrincipalName",
    );
    expect(
      [...output.matchAll(/^(?:dNSHostName|servicePrincipalName): (.*)$/gm)].map(([, value]) => value).toSorted(),
    ).toEqual(['HOST/PC03', 'HOST/pc03.system.lab', 'pc03.system.lab']);
    await inLab('clients', 'reset', 'PC03');
    expect([await ticket('PC02'), await ticket('PC03')]).toEqual([PRINCIPAL_UNKNOWN, 'ticket']);
    expect(await inLab('clients', 'remove', 'PC03')).toMatchObject({
      exitCode: 0,
      stdout: 'PC03 (52:54:00:00:00:02): removed',
    });
    expect(Object.keys(await accounts())).toEqual(['CN=PC01,OU=Workshop']);
    expect(await ticket('PC03')).toBe(PRINCIPAL_UNKNOWN);
  });

  it('gets an account when it waited and is approved under a name', async () => {
    expect(await inLab('clients', 'approve', '1', '--name', 'PC05')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^PC05 .*: approved$/) as unknown,
    });
    expect(Object.keys(await accounts())).toContain('CN=PC05,CN=Computers');
  });

  it.each<[string, string[], number, string]>([
    [
      "a name that is the domain controller's",
      ['clients', 'name', 'PC01', 'WDS'],
      3,
      'expected a computer name that the directory does not have, got WDS, which is CN=WDS,OU=Domain Controllers,DC=system,DC=lab: take another one, or delete that account first; nothing was changed',
    ],
    [
      'a unit that is not there',
      [...PC02, '--join', 'SYSTEM', '--organizational-unit', 'OU=Nowhere'],
      3,
      'expected an organizational unit that the directory has, got OU=Nowhere,DC=system,DC=lab; nothing was changed',
    ],
    [
      'a unit that does not exist',
      [...PC02, '--join', 'SYSTEM', '--organizational-unit', 'Workshop'],
      3,
      'expected a distinguished name such as OU=Workshop, got Workshop; nothing was changed',
    ],
  ])('is left as it was when the directory refuses %s', async (_, args, exitCode, message) => {
    const before = [await accounts(), await json('clients', 'list', '--run', file)];
    expect(await inLab(...args)).toEqual({ exitCode, stdout: '', stderr: message });
    expect([await accounts(), await json('clients', 'list', '--run', file)]).toEqual(before);
  });

  it.each([[PC02], [['clients', 'name', 'PC01', 'PC09']]])(
    'has its account restored when the list of computers cannot be written: %j',
    async (args) => {
      const before = [await accounts(), await json('clients', 'list', '--run', file)];
      await domain.run('mkdir /run/pxewright/state/devices.json.new');
      expect(await inLab(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('EISDIR') as unknown });
      await domain.run('rmdir /run/pxewright/state/devices.json.new');
      expect([await accounts(), await json('clients', 'list', '--run', file)]).toEqual(before);
    },
  );
});

describe('a disk that is full', () => {
  it('is an error of the lab that says how much is missing; what was there stays and is served', async () => {
    await using other = await temporaryFolder();
    const file = join(other.path, 'small.yaml');
    await writeFile(
      file,
      SCENARIO.replace('  state: ./state\n', '')
        .replace('pc,', 'small,')
        .replace('client: pc', 'client: small')
        .replace('name: pc', 'name: small'),
    );
    const small = await ServedLab.start(file, { PXEWRIGHT_LAB_MEMORY: '400m' });
    try {
      await small.run(
        'head -c $(( $(df -B1 --output=avail /run | tail -n 1) - 30 * 1024 * 1024 )) /dev/zero >/run/pxewright/ballast',
      );
      const { exitCode, stderr } = await command('images', 'add', sample, '--group', 'Workshop', '--run', 'small');
      expect(stderr).toMatch(
        /Images\/Workshop: the image has 47\.\d MiB, and [\d.]+ MiB are free; nothing was changed/,
      );
      expect(exitCode).toBe(2);
      expect(await installImages('--run', 'small')).toMatchObject([{ path: 'Images\\Linux\\sample.wim' }]);
      expect(
        (
          await small.run(
            "smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'get Images\\Linux\\sample.wim /dev/null'",
          )
        ).exitCode,
      ).toBe(0);
      // Nothing at all fits: even the list of computers stays whole.
      await small.run('dd if=/dev/zero of=/run/pxewright/full bs=4k');
      const full = await command('clients', 'prestage', 'PC09', '--mac', '52:54:00:00:00:09', '--run', 'small');
      expect(full.exitCode).toBe(2);
      expect(full.stderr).toContain('ENOSPC');
      expect(await json('clients', 'list', '--run', 'small')).toMatchObject([{ name: 'PC01' }]);
    } finally {
      await small.stop();
    }
  });
});

describe('a computer that waits', () => {
  const WAITS = `
name: An unknown computer waits for the administrator's command
services:
  dhcp: {}
  pxe: { bootfile: 'boot\\x86\\wdsnbp.com', prompt: no-prompt, approval: { poll-interval: 500ms, retries: 200 }, option-250: { interval-unit: 100ms } }
  tftp: {}
  devices: { unknown: pending }
clients: [{ name: pc, plays: wdsnbp }]
steps:
  - wdsnbp.pending: { requestId: 1 }
  - wdsnbp.approved
timeout: 2m
`;

  it('is listed with its request id, and boots when a command approves it; what was decided is kept as evidence', async () => {
    await using other = await temporaryFolder();
    const file = join(other.path, 'waits.yaml');
    await writeFile(file, WAITS);
    const run = pxewright(['run', file, '--out', join(other.path, 'runs')]);
    const over = run.then(() => 'the run is over' as const);
    let listed: string;
    do
      listed = await Promise.race([
        over,
        command('clients', 'list', '--pending', '--run', file).then((list) => list.stdout),
      ]);
    while (!/pending|over/.test(listed));
    expect(listed).toMatch(
      /^REQUEST +NAME +STATUS +MAC +UUID +ARCHITECTURE +SINCE\n1 +- +pending +52:54:00(:[0-9a-f]{2}){3} +[0-9a-f-]{36} +x86 BIOS +\d{4}-/,
    );
    expect(await command('clients', 'approve', '1', '--name', 'PC01', '--run', file)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^PC01 \(52:54:.*\): approved$/) as unknown,
    });
    const { exitCode, stdout } = await run;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('wdsnbp.approved')]);
    const { folder: evidence, result } = await onlyRun(join(other.path, 'runs'));
    const state = join(evidence, result.scenarios[0]?.capture?.file ?? '', '..', 'state');
    expect(await json('clients', 'list', '--state', state)).toMatchObject([
      { name: 'PC01', status: 'approved', requestId: 1 },
    ]);
    // And forgets it on a stored state as well.
    expect((await command('clients', 'reset', 'PC01', '--state', state)).stdout).toMatch(/: pending$/);
  });
});
