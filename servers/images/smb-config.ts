import { z } from 'zod';
import { count, ipv4, port } from '../boot/config-fields.ts';

const FOLDER = 'expected an absolute folder';
// What Samba's configuration file and the SMB protocol both take as a name; no quoting rules to get wrong.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\$?$/;

const folder = z.string(FOLDER).regex(/^\/[^\n\r]*$/, FOLDER);
const name = (what: string, longest: number) => z.string(`expected ${what}`).max(longest, `expected ${what} of at most ${longest} characters`).regex(NAME, `expected ${what} of letters, digits, dots and dashes`);

/** Configuration of the file server: one read-only share, accounts of its own. */
export const smbConfigSchema = z.strictObject({
  address: ipv4,
  port: port.default(445),
  /** Private to this server; everything that smbd writes lies below it. Made when it is not there. */
  state: folder,
  /** Served read-only under the share's name. */
  root: folder,
  share: name('a share name', 80).default('REMINST'),
  // MS-NBTE: 15 characters and a type byte.
  workgroup: name('a workgroup', 15).default('SYSTEM'),
  serverName: name('a server name', 15).default('WDS'),
  accounts: z
    .array(
      z.strictObject({
        name: z.string('expected an account name').min(1, 'expected an account name').max(256).regex(/^[^"/\\[\]:;|=,+*?<>\p{Cc}!@%&$#]+$/u, 'expected an account name without any of "/\\[]:;|=,+*?<>!@%&$#'),
        password: z.string('expected a password').min(1, 'expected a password that is not empty').regex(/^\P{Cc}*$/u, 'expected a password without control characters'),
      }),
    )
    .max(32, 'expected at most 32 accounts')
    .default([{ name: 'administrateur', password: 'Passw0rd.lab' }]),
  /** Longest time from start until the server answers a negotiate. */
  startTimeoutMs: count.default(15_000),
  /** Longest time that smbd gets to stop by itself. */
  stopTimeoutMs: count.default(3_000),
});
export type SmbConfig = z.output<typeof smbConfigSchema>;
