import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import { passwdWithAccounts } from '../samba/accounts.ts';
import { addAccounts, setgroupsDenied, UNPRIVILEGED_SAMBA, withPasswd } from '../samba/passdb.ts';
import { startSamba } from '../samba/samba-process.ts';
import type { Emit } from '../service/event-lines.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { STATE_FOLDERS } from '../samba/smb-conf.ts';
import { smbConf } from './smb/conf.ts';
import { smbConfigSchema, type SmbConfig } from './smb/config.ts';
import { tellRefusals } from '../samba/share-refusals.ts';
import { smbReady } from '../samba/smb-ready.ts';
import { isProgram } from '../service/program-file.ts';

/**
 * The file server that the deployment share is on, as a program: Samba's smbd with state, accounts and share of its
 * own.
 */
export const smbService: Service<typeof smbConfigSchema> = {
  name: 'smb',
  summary:
    "Samba's smbd with one read-only share, for the accounts named here only. NTLMSSP; answers an SMB1 NEGOTIATE for SMB 2.???.",
  schema: smbConfigSchema,
  example: {
    address: REFERENCE_LAB.server,
    state: '/tmp/lab/smb',
    root: '/srv/RemInst',
    share: REFERENCE_LAB.share,
    workgroup: REFERENCE_LAB.domain,
    accounts: [REFERENCE_LAB.account],
  },
  notes: [
    'Needs root in its network and mount namespaces (a user namespace is enough) for port 445 and for accounts that the host does not have.',
    'Every logon is an event: user, domain, address and NTSTATUS.',
    'Nothing outside `root` is served: a link that leads out is not found, a FIFO, socket or device cannot be opened. Each is an event, also when it comes later.',
    'All files that smbd writes lie below `state`; its log is `smbd.log` there.',
  ],
  start: startSmb,
};

/** Starts smbd and waits until it answers. */
export async function startSmb(config: SmbConfig, emit: Emit): Promise<Running> {
  const unprivileged = await setgroupsDenied();
  const files = await layOut(config, unprivileged);
  // The network namespace decides who may bind ports below 1024, and this lab has its own.
  if (unprivileged && config.port < 1024)
    await writeFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', String(config.port));
  await addAccounts(files.smbConf, files.passwd, config.accounts, unprivileged);
  const samba = startSamba({
    name: 'smbd',
    // --daemon: Node's pipes are sockets, and smbd takes a socket as standard input for a connection from inetd.
    command: withPasswd(
      files.passwd,
      ['smbd', '--daemon', '--foreground', '--no-process-group', '--debug-stdout', `--configfile=${files.smbConf}`],
      unprivileged,
    ),
    logFile: files.log,
    stopTimeoutMs: config.stopTimeoutMs,
    emit,
  });
  try {
    await smbReady(config.address, config.port, config.startTimeoutMs, samba.gone);
    await tellRefusals(config.root, emit, samba.gone);
  } catch (error) {
    await samba.stop();
    throw error;
  }
  return {
    listening: [`${config.address}:${config.port}/tcp`],
    counters: () => samba.counters,
    broken: samba.ended,
    stop: () => samba.stop(),
  };
}

async function layOut(
  config: SmbConfig,
  unprivileged: boolean,
): Promise<{ smbConf: string; passwd: string; log: string }> {
  const at = (name: string) => path.join(config.state, name);
  for (const folder of Object.values(STATE_FOLDERS)) await mkdir(at(folder), { recursive: true, mode: 0o700 });
  const passwd = passwdWithAccounts(
    await readFile('/etc/passwd', 'utf8'),
    config.accounts,
    unprivileged ? UNPRIVILEGED_SAMBA : userInfo(),
  );
  await writeFile(at('passwd'), passwd);
  await writeFile(at('smb.conf'), smbConf(config));
  return { smbConf: at('smb.conf'), passwd: at('passwd'), log: at('smbd.log') };
}

if (isProgram(import.meta.filename)) await runService(smbService);
