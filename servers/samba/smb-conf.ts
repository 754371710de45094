import path from 'node:path';

/** Folders that smbd wants, by the parameter that names them; all below the state folder. */
export const STATE_FOLDERS: Readonly<Record<string, string>> = {
  'private dir': 'private',
  'lock directory': 'lock',
  'state directory': 'state',
  'cache directory': 'cache',
  'pid directory': 'pid',
  'ncalrpc dir': 'ncalrpc',
  'binddns dir': 'binddns',
};

/**
 * Settings of every Samba of a lab, whatever its role: one address, everything below one folder, no printers, logons in
 * the log.
 */
export function commonParameters(address: string, state: string): Readonly<Record<string, string>> {
  return {
    // MS-SMB2 3.3.5.15.2: only a server that is capable of DFS answers a referral for an ordinary share with
    // STATUS_NOT_FOUND.
    'host msdfs': 'yes',
    // Windows 7 knocks with an SMB1 negotiate that offers "SMB 2.???"; without NT1 here the server hangs up.
    'server min protocol': 'NT1',
    'ntlm auth': 'ntlmv2-only',
    'disable netbios': 'yes',
    interfaces: `${address}/32`,
    'bind interfaces only': 'yes',
    // A guest that may write could make links and devices by them (SMB1 extensions for UNIX clients).
    'unix extensions': 'no',
    'load printers': 'no',
    'disable spoolss': 'yes',
    'printcap name': '/dev/null',
    // Answers come from the page cache at once: an asynchronous read costs a thread and an interim STATUS_PENDING on
    // the wire.
    'aio read size': '0',
    // With sendfile(2), smbd silently pads with zeros a file that became shorter after it was opened.
    'use sendfile': 'no',
    'log level': '1 auth_json_audit:3',
    // The log itself goes to standard output; smbd makes a folder for core dumps beside the file that is named here.
    'log file': path.join(state, 'smbd.log'),
    ...Object.fromEntries(
      Object.entries(STATE_FOLDERS).map(([parameter, folder]) => [parameter, path.join(state, folder)]),
    ),
  };
}

/** A share for boot clients, read-only unless `writable`, or for those who are not among its writers. */
export function shareSection(name: string, root: string, writable = false, writers: readonly string[] = []): string {
  return section(name, {
    path: root,
    'read only': writable ? 'no' : 'yes',
    ...(writers.length === 0 ? {} : { 'write list': writers.map((writer) => `"${writer}"`).join(' ') }),
    'guest ok': 'no',
    // Links that stay below the path are followed; all others are not found.
    'follow symlinks': 'yes',
    'wide links': 'no',
    // FIFOs, sockets and devices are not shown; smbd gives their content to nobody.
    'hide special files': 'yes',
    // A name that SMB cannot carry is not shown, rather than under a made-up 8.3 name.
    'mangled names': 'no',
    // A boot client needs neither; each costs system calls for every open.
    'store dos attributes': 'no',
    'ea support': 'no',
  });
}

/** A section of smb.conf(5). */
export function section(name: string, parameters: Readonly<Record<string, string>>): string {
  return `[${name}]\n${Object.entries(parameters)
    .map(([key, value]) => `  ${key} = ${value}\n`)
    .join('')}`;
}
