import { execa } from 'execa';
import { constants } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ENDPOINT_MAPPER_PORT } from '../../harness/protocols/rpc/wire/ports.ts';
import { SMB_PORT } from '../../harness/protocols/smb/wire/ports.ts';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import type { Emit } from '../service/event-lines.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { STATE_FOLDERS } from '../samba/smb-conf.ts';
import { accountsLdif } from './directory-accounts.ts';
import { directoryConf } from './directory-conf.ts';
import { directoryConfigSchema, type DirectoryConfig } from './directory-config.ts';
import { DIRECTORY_PORTS } from './directory-ports.ts';
import { directoryReady } from './directory-ready.ts';
import { tellRefusals } from '../samba/share-refusals.ts';
import { startSamba } from '../samba/samba-process.ts';
import { isProgram } from '../service/program-file.ts';

/** An Active Directory domain controller as a program: Samba with its DNS, Kerberos, LDAP, RPC and file service. */
export const activeDirectoryService: Service<typeof directoryConfigSchema> = {
  name: 'active-directory',
  summary:
    'Samba as the domain controller of an Active Directory domain, with its DNS, the accounts named here, and deployment shares. NTLMSSP and Kerberos.',
  schema: directoryConfigSchema,
  example: {
    address: REFERENCE_LAB.server,
    provision: '/var/cache/domain',
    state: '/tmp/lab/directory',
    realm: REFERENCE_LAB.realm,
    domain: REFERENCE_LAB.domain,
    users: [{ ...REFERENCE_LAB.account, administrator: true }],
    computers: [{ name: 'PC01' }],
    shares: [{ name: REFERENCE_LAB.share, root: '/srv/RemInst' }],
  },
  notes: [
    'Needs root in its network and mount namespaces (a user namespace is enough) for ports 53, 88, 135, 389, 445 and 464.',
    "uid_wrapper simulates changes of user within Samba, as in Samba's own tests: Samba reads and writes its files as the user that starts it.",
    'Every logon is an event: user, domain, address, NTSTATUS, and the service that was logged on to.',
    'All files that Samba writes lie below `state`; its log is `smbd.log` there.',
  ],
  start: startActiveDirectory,
};

/** Copies the domain, enters the accounts, starts Samba and waits until it answers. */
export async function startActiveDirectory(config: DirectoryConfig, emit: Emit): Promise<Running> {
  const { address, state } = config;
  const at = (...names: string[]) => path.join(state, ...names);
  await layOut(config, at);
  await enterAccounts(config, at('private', 'sam.ldb'), at('smb.conf'));
  const samba = startSamba({
    name: 'samba',
    command: privateRun(at('run'), [
      'env',
      'LD_PRELOAD=libuid_wrapper.so',
      'samba',
      '--model=single',
      '--foreground',
      '--no-process-group',
      '--debug-stdout',
      `--configfile=${at('smb.conf')}`,
    ]),
    env: { UID_WRAPPER: '1', UID_WRAPPER_ROOT: '1', KRB5_CONFIG: at('private', 'krb5.conf') },
    logFile: at('smbd.log'),
    stopTimeoutMs: config.stopTimeoutMs,
    emit,
  });
  try {
    await directoryReady(address, at('run', 'winbindd', 'pipe'), config.startTimeoutMs, samba.gone);
    for (const { root } of config.shares) await tellRefusals(root, emit, samba.gone);
  } catch (error) {
    await samba.stop();
    throw error;
  }
  const ports = [
    ...DIRECTORY_PORTS,
    SMB_PORT,
    ...(config.endpointMapper ? [ENDPOINT_MAPPER_PORT] : []),
    config.rpcPort,
  ];
  return {
    listening: ports.map((port) => `${address}:${port}/tcp`),
    counters: () => samba.counters,
    broken: samba.ended,
    stop: () => samba.stop(),
  };
}

async function layOut(config: DirectoryConfig, at: (...names: string[]) => string): Promise<void> {
  await mkdir(config.state, { recursive: true });
  if ((await readdir(config.state)).length > 0)
    throw new Error(`state: expected an empty folder, got ${config.state} with files; a domain is copied once`);
  await cp(config.provision, config.state, { recursive: true, mode: constants.COPYFILE_FICLONE });
  for (const folder of [...Object.values(STATE_FOLDERS), 'ntp-signd'])
    await mkdir(at(folder), { recursive: true, mode: 0o700 });
  // winbindd wants the folder of its socket to be seen by everybody.
  await mkdir(at('run'), { mode: 0o755 });
  await writeFile(at('smb.conf'), directoryConf(config));
}

/**
 * Enters the accounts in one process that opens the database itself: samba-tool takes a second for each. Passwords go
 * over standard input.
 */
async function enterAccounts(config: DirectoryConfig, database: string, smbConf: string): Promise<void> {
  // With this control a password may have any age (Samba's DSDB_CONTROL_PASSWORD_BYPASS_LAST_SET_OID).
  const controls = '--controls=local_oid:1.3.6.1.4.1.7165.4.3.20:0';
  const result = await execa('ldbmodify', ['--url', database, '--configfile', smbConf, '--nosync', controls], {
    input: accountsLdif(config, Date.now()),
    reject: false,
    all: true,
  });
  if (result.failed)
    throw new Error(
      `entering the accounts into the directory: ldbmodify ended with ${String(result.exitCode ?? result.shortMessage)}: ${result.all.trim()}`,
    );
}

/**
 * A command that sees `folder` as /run/samba, where Samba's programs look for winbindd whatever their configuration
 * says.
 */
function privateRun(folder: string, command: readonly string[]): readonly [string, readonly string[]] {
  return [
    'unshare',
    [
      '--mount',
      '--',
      'sh',
      '-c',
      'mkdir -p /run/samba && mount --bind "$1" /run/samba && shift && exec "$@"',
      'private-run',
      folder,
      ...command,
    ],
  ];
}

if (isProgram(import.meta.filename)) await runService(activeDirectoryService);
