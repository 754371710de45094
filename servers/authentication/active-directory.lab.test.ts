import { execa } from 'execa';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureBundles } from '../../vm-images/index.ts';

const PROGRAM = path.join(import.meta.dirname, 'active-directory.ts');
const CONTROL = path.join(import.meta.dirname, '..', 'images', 'control.ts');
const ADDRESS = '172.22.52.207';
const BUNDLE = `domain/system.lab/SYSTEM/WDS/${ADDRESS}`;
const PASSWORD = 'Passw0rd.lab';
const USERS = [
  { name: 'administrateur', password: PASSWORD, administrator: true },
  { name: 'zoé', password: 'ça "marche", non?' },
  { name: 'locked', password: PASSWORD, locked: true },
  { name: 'expired', password: PASSWORD, expired: true },
];
// Folders of a Samba that is installed on the host, and the host's Kerberos.
const HOST_FILES = [
  '/var/lib/samba',
  '/var/lib/samba/private',
  '/var/cache/samba',
  '/var/log/samba',
  '/run/samba',
  '/etc/krb5.conf',
  '/etc/krb5.keytab',
  '/etc/resolv.conf',
  '/etc/samba',
];

let work: string;
let provision: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-ad-'));
  await mkdir(path.join(work, 'root', 'Images'), { recursive: true });
  await writeFile(path.join(work, 'root', 'Images', 'sample.wim'), 'MSWIM');
  await writeFile(path.join(work, 'resolv.conf'), `nameserver ${ADDRESS}\n`);
  // Found by DNS: the SRV records are part of what is tested.
  await writeFile(
    path.join(work, 'krb5.conf'),
    '[libdefaults]\n  default_realm = SYSTEM.LAB\n  dns_lookup_realm = false\n  dns_lookup_kdc = true\n  rdns = false\n  dns_canonicalize_hostname = false\n',
  );
  provision = (await ensureBundles([BUNDLE])).get(BUNDLE)?.folder ?? '';
}, 60_000);
afterAll(() => rm(work, { recursive: true, force: true }));

interface Event {
  readonly event: string;
  readonly [key: string]: unknown;
}

/**
 * Starts the program in a network of its own; `inUserNamespace` as an ordinary user's lab would have it, where
 * setgroups is denied.
 */
async function started(name: string, inUserNamespace: boolean, change: object = {}) {
  const state = path.join(work, name);
  const config = {
    address: ADDRESS,
    provision,
    state,
    users: USERS,
    computers: [{ name: 'PC01' }],
    shares: [{ name: 'REMINST', root: path.join(work, 'root') }],
    ...change,
  };
  const network = `ip link set lo up && ip address add ${ADDRESS}/24 dev lo && exec "$@"`;
  const command = [
    ...(inUserNamespace ? ['--user', '--map-root-user'] : []),
    '--net',
    '--',
    'sh',
    '-c',
    network,
    'sh',
    process.execPath,
    PROGRAM,
    '--config',
    '-',
  ];
  const server = execa('unshare', command, {
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
  /**
   * Runs a command in the server's network, with its DNS, and a Kerberos configuration and credential cache of its own.
   */
  const visit = (argv: readonly string[], input = '') =>
    execa(
      'nsenter',
      [
        '--target',
        String(server.pid),
        ...(inUserNamespace ? ['--user', '--preserve-credentials'] : []),
        '--net',
        '--',
        'unshare',
        '--mount',
        '--',
        'sh',
        '-c',
        'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"',
        'visit',
        path.join(work, 'resolv.conf'),
        ...argv,
      ],
      {
        input,
        reject: false,
        all: true,
        env: { KRB5_CONFIG: path.join(work, 'krb5.conf'), KRB5CCNAME: `FILE:${path.join(work, `${name}.ccache`)}` },
      },
    );
  return {
    state,
    events,
    server,
    visit,
    stop: async () => {
      server.kill('SIGTERM');
      return server;
    },
  };
}

/** AS-REQ with a pre-authentication of its own making: prints what the KDC thinks of it. */
const GET_TGT = `
import sys
from impacket.krb5.kerberosv5 import getKerberosTGT, KerberosError
from impacket.krb5.types import Principal
from impacket.krb5 import constants
try:
    getKerberosTGT(Principal(sys.argv[1], type=constants.PrincipalNameType.NT_PRINCIPAL.value), sys.argv[2], 'SYSTEM.LAB', '', '', kdcHost='${ADDRESS}')
    print('ticket')
except KerberosError as error:
    print(error.getErrorCode())
`;

/**
 * Asks the endpoint mapper where an interface of the controller is, and then that port whether it has the interface.
 */
const ENDPOINT = `
from impacket.dcerpc.v5 import epm, lsat, transport
where = epm.hept_map('${ADDRESS}', lsat.MSRPC_UUID_LSAT, protocol='ncacn_ip_tcp')
rpc = transport.DCERPCTransportFactory(where).get_dce_rpc()
rpc.connect()
rpc.bind(lsat.MSRPC_UUID_LSAT)
print(where)
`;

const list = ['//wds.system.lab/REMINST', '-c', 'ls Images/*'];

// Root makes these namespaces and looks into them; runs of an ordinary user are tested by ordinary-user.lab.test.ts.
describe.skipIf(process.getuid?.() !== 0).each([{ inUserNamespace: false }, { inUserNamespace: true }])(
  'domain controller, in a user namespace: $inUserNamespace',
  ({ inUserNamespace }) => {
    let running: Awaited<ReturnType<typeof started>>;
    beforeAll(async () => {
      running = await started(`state-${inUserNamespace}`, inUserNamespace);
    }, 30_000);
    afterAll(async () => {
      await running.stop();
    });
    const smbclient = (user: string, password: string, ...more: string[]) =>
      running.visit(['smbclient', ...list, '-U', `${user}%${password}`, ...more]);
    const ticket = async (user: string, password: string) =>
      (await running.visit(['/usr/bin/python3', '-c', GET_TGT, user, password])).stdout;

    it('lets accounts in by NTLM, and says of the others why not', async () => {
      expect((await smbclient('SYSTEM\\administrateur', PASSWORD)).stdout).toContain('sample.wim');
      expect((await smbclient('SYSTEM\\Zoé', 'ça "marche", non?')).stdout).toContain('sample.wim');
      expect((await smbclient('SYSTEM\\administrateur', 'wrong')).all).toContain('NT_STATUS_LOGON_FAILURE');
      expect((await smbclient('SYSTEM\\nobody', PASSWORD)).all).toContain('NT_STATUS_LOGON_FAILURE');
      expect((await smbclient('SYSTEM\\locked', PASSWORD)).all).toContain('NT_STATUS_ACCOUNT_LOCKED_OUT');
      expect((await smbclient('SYSTEM\\expired', PASSWORD)).all).toContain('NT_STATUS_PASSWORD_EXPIRED');
      // Samba logs a refusal after it has sent it.
      await vi.waitFor(() => {
        const logons = running.events.filter((event) => event.event === 'logon' && event['service'] === 'SMB2');
        expect(logons.map((event) => event['status'])).toEqual([
          'NT_STATUS_OK',
          'NT_STATUS_OK',
          'NT_STATUS_WRONG_PASSWORD',
          'NT_STATUS_NO_SUCH_USER',
          'NT_STATUS_ACCOUNT_LOCKED_OUT',
          'NT_STATUS_PASSWORD_EXPIRED',
        ]);
      }, 10_000);
    });

    it("lets accounts in by Kerberos, with tickets that MIT's kinit got from the controller that DNS names", async () => {
      expect((await running.visit(['kinit', 'administrateur'], `${PASSWORD}\n`)).exitCode).toBe(0);
      expect(
        (
          await running.visit([
            'smbclient',
            ...list,
            '--use-kerberos=required',
            `--use-krb5-ccache=FILE:${path.join(work, `state-${inUserNamespace}.ccache`)}`,
          ])
        ).stdout,
      ).toContain('sample.wim');
      expect((await running.visit(['klist'])).stdout).toContain('cifs/wds.system.lab@SYSTEM.LAB');
    });

    it('refuses tickets with the error of RFC 4120 that each account deserves', async () => {
      expect(await ticket('administrateur', PASSWORD)).toBe('ticket');
      expect(await ticket('nobody', PASSWORD)).toBe('6');
      expect(await ticket('administrateur', 'wrong')).toBe('24');
      expect(await ticket('locked', PASSWORD)).toBe('18');
      expect(await ticket('expired', PASSWORD)).toBe('23');
    });

    it('tells by its endpoint mapper where its RPC services are', async () => {
      expect((await running.visit(['/usr/bin/python3', '-c', ENDPOINT])).stdout).toMatch(
        new RegExp(`^ncacn_ip_tcp:${ADDRESS}\\[491\\d\\d\\]$`),
      );
    });

    it('lets a prestaged computer join, whose keytab then opens its account', async () => {
      const keytab = path.join(work, `${inUserNamespace}.keytab`);
      const joined = await running.visit(
        [
          'adcli',
          'join',
          '--domain=system.lab',
          '--domain-controller=wds.system.lab',
          '--login-user=administrateur',
          '--stdin-password',
          '--computer-name=PC01',
          '--host-fqdn=pc01.system.lab',
          `--host-keytab=${keytab}`,
        ],
        PASSWORD,
      );
      expect(joined.all).toBe('');
      expect((await running.visit(['kinit', '-k', '-t', keytab, 'PC01$'])).exitCode).toBe(0);
      const account = await execa('ldbsearch', [
        '--url',
        path.join(running.state, 'private', 'sam.ldb'),
        '(sAMAccountName=PC01$)',
        'dNSHostName',
        'logonCount',
      ]);
      expect(account.stdout).toContain('dNSHostName: pc01.system.lab');
    });

    it('says where it listens', () => {
      expect(running.events[0]).toMatchObject({
        event: 'ready',
        service: 'active-directory',
        listening: [53, 88, 389, 464, 445, 135, 49_152].map((port) => `${ADDRESS}:${port}/tcp`),
      });
    });
  },
);

/**
 * Asks port 135 for interfaces, binds to each on the port that it got, and prints that port: LSA, DRSUAPI, NETLOGON,
 * the WDS control service, and one that nobody has.
 */
const ENDPOINTS = `
from impacket.dcerpc.v5 import drsuapi, epm, lsat, nrpc, transport
from impacket.uuid import uuidtup_to_bin
WDS = uuidtup_to_bin(('1a927394-352e-4553-ae3f-7cf4aafca620', '1.0'))
for name, interface in (('lsarpc', lsat.MSRPC_UUID_LSAT), ('drsuapi', drsuapi.MSRPC_UUID_DRSUAPI), ('netlogon', nrpc.MSRPC_UUID_NRPC), ('wds', WDS)):
    where = epm.hept_map('${ADDRESS}', interface, protocol='ncacn_ip_tcp')
    rpc = transport.DCERPCTransportFactory(where).get_dce_rpc()
    rpc.connect()
    rpc.bind(interface)
    print(name, where)
try:
    print(epm.hept_map('${ADDRESS}', uuidtup_to_bin(('11111111-2222-3333-4444-555555555555', '1.0')), protocol='ncacn_ip_tcp'))
except Exception as error:
    print('nobody:', 'ept_s_not_registered' if '0x16c9a0d6' in str(error) else error)
`;

it.skipIf(process.getuid?.() !== 0)(
  'shares its host with the WDS control service: one endpoint mapper leads to the interfaces of both',
  async () => {
    const running = await started('state-control', false, { endpointMapper: false });
    const config = {
      address: ADDRESS,
      accounts: [{ name: 'administrateur', password: PASSWORD }],
      neighbourPorts: [49_152, 49_153],
    };
    const control = execa(
      'nsenter',
      ['--target', String(running.server.pid), '--net', '--', process.execPath, CONTROL, '--config', '-'],
      { input: JSON.stringify(config), reject: false, buffer: { stdout: false, stderr: true } },
    );
    try {
      await once(createInterface({ input: control.stdout }), 'line');
      const { stdout } = await running.visit(['/usr/bin/python3', '-c', ENDPOINTS]);
      const lines = stdout.split('\n');
      for (const [index, name] of ['lsarpc', 'drsuapi', 'netlogon'].entries())
        expect(lines[index]).toMatch(new RegExp(`^${name} ncacn_ip_tcp:${ADDRESS}\\[4915[23]\\]$`));
      expect(lines.slice(3)).toEqual([`wds ncacn_ip_tcp:${ADDRESS}[5040]`, 'nobody: ept_s_not_registered']);
    } finally {
      control.kill('SIGTERM');
      await control;
      await running.stop();
    }
  },
  60_000,
);

it.skipIf(process.getuid?.() !== 0)(
  'stops on SIGTERM with all its processes, and touches nothing of the host',
  async () => {
    const stamps = () =>
      Promise.all(
        HOST_FILES.map((file) =>
          stat(file).then(
            (found) => found.mtimeMs,
            () => 0,
          ),
        ),
      );
    const before = await stamps();
    const running = await started('state-stop', false, { endpointMapper: false });
    expect(running.events[0]?.['listening']).not.toContain(`${ADDRESS}:135/tcp`);
    const result = await running.stop();
    expect(result.exitCode).toBe(0);
    expect(running.events.at(-1)).toMatchObject({ event: 'stopped', counters: { logons: 0, refused: 0 } });
    const left = await execa('pgrep', ['--full', `--configfile=${running.state}/smb.conf`], { reject: false });
    expect(left.stdout).toBe('');
    expect(await stamps()).toEqual(before);
    expect(await readFile(path.join(running.state, 'smbd.log'), 'utf8')).toContain('samba');
    const again = await started('state-stop', false).catch((error: unknown) => error);
    expect(String(again)).toContain('state: expected an empty folder');
  },
  30_000,
);

it('refuses a configuration with the field, what was expected and what it got', async () => {
  const result = await execa(process.execPath, [PROGRAM, '--config', '-'], {
    input: `{"address":"${ADDRESS}","state":"/tmp/x","provision":"/tmp","realm":"lab"}`,
    reject: false,
  });
  expect(result.exitCode).toBe(3);
  expect(result.stderr).toBe(
    'active-directory: realm: expected a DNS domain in lowercase with a dot, such as system.lab, got "lab"',
  );
});
