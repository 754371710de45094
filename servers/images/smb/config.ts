import * as z from 'zod';
import { SMB_PORT } from '../../../harness/protocols/smb/wire/ports.ts';
import { REFERENCE_LAB } from '../../service/reference-lab.ts';
import { accountName, accountPassword, folder, name } from '../../samba/account-fields.ts';
import { count, ipv4, port } from '../../service/config-fields.ts';

/** Configuration of the file server: one share, read-only but for its writers, accounts of its own. */
export const smbConfigSchema = z.strictObject({
  address: ipv4,
  port: port.default(SMB_PORT),
  /** Private to this server; everything that smbd writes is below it. Made when it is not there. */
  state: folder,
  /** Served under the share's name. */
  root: folder,
  share: name('a share name', 80).default(REFERENCE_LAB.share),
  // MS-NBTE: 15 characters and a type byte.
  workgroup: name('a workgroup', 15).default(REFERENCE_LAB.domain),
  serverName: name('a server name', 15).default(REFERENCE_LAB.serverName),
  accounts: z
    .array(
      z.strictObject({
        name: accountName,
        password: accountPassword,
      }),
    )
    .max(32, 'expected at most 32 accounts')
    .default([REFERENCE_LAB.account]),
  /** Accounts that may write to the share; everybody else reads. */
  writers: z.array(accountName).max(32, 'expected at most 32 writers').default([]),
  /** Longest time from start until the server answers a negotiate. */
  startTimeoutMs: count.default(15_000),
  /** Longest time that smbd gets to stop by itself. */
  stopTimeoutMs: count.default(3_000),
});
export type SmbConfig = z.output<typeof smbConfigSchema>;
