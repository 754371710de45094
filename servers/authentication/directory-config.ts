import * as z from 'zod';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import { count, ipv4, port } from '../service/config-fields.ts';
import { DIRECTORY_RPC_PORTS } from './directory-ports.ts';
import { accountName, accountPassword, folder, name } from '../samba/account-fields.ts';

const DNS_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

// RFC 4514, as far as organizational units of a domain go: no escapes.
const UNIT = /^OU=[^,+"\\<>;=#\p{Cc}]+(,OU=[^,+"\\<>;=#\p{Cc}]+)*(,DC=[A-Za-z0-9-]+)*$/iu;
const organizationalUnit = z
  .string('expected an organizational unit')
  .regex(UNIT, 'expected a distinguished name such as OU=Workstations,DC=system,DC=lab');

/** Configuration of the domain controller: a domain provisioned before, its accounts, and shares on the same server. */
export const directoryConfigSchema = z.strictObject({
  address: ipv4,
  /**
   * A folder that `vm-images/domain/provision.py` made, for the same realm, domain, server name and address; only read.
   */
  provision: folder,
  /** Private to this server; everything that Samba writes is below it. Must not exist, or be empty. */
  state: folder,
  realm: z
    .string('expected a DNS domain')
    .max(253, 'expected a DNS domain of at most 253 characters')
    .regex(DNS_NAME, 'expected a DNS domain in lowercase with a dot, such as system.lab')
    .default(REFERENCE_LAB.realm),
  // MS-NBTE: 15 characters and a type byte.
  domain: name('a NetBIOS domain', 15).default(REFERENCE_LAB.domain),
  serverName: name('a server name', 15).default(REFERENCE_LAB.serverName),
  users: z
    .array(
      z.strictObject({
        name: accountName,
        password: accountPassword,
        /** The account is locked when the controller starts, as after too many wrong passwords. */
        locked: z.boolean().default(false),
        /** The password is older than the domain allows. */
        expired: z.boolean().default(false),
        /** Member of Domain Admins. */
        administrator: z.boolean().default(false),
      }),
    )
    .max(32, 'expected at most 32 accounts')
    .default([{ ...REFERENCE_LAB.account, locked: false, expired: false, administrator: true }]),
  /** Computer accounts that exist before the computers do: prestaged. */
  computers: z
    .array(
      z.strictObject({
        name: name('a computer name', 15),
        /** Where the account is, made when it is not there; default: the domain's Computers. */
        organizationalUnit: organizationalUnit.optional(),
      }),
    )
    .max(1024, 'expected at most 1024 computers')
    .default([]),
  shares: z
    .array(z.strictObject({ name: name('a share name', 80), root: folder, writable: z.boolean().default(false) }))
    .max(16, 'expected at most 16 shares')
    .default([]),
  /** false: TCP 135 is left to another program, and this one's RPC services are found by their ports. */
  endpointMapper: z.boolean().default(true),
  /** TCP port of its RPC services; NETLOGON takes the next (smb.conf(5), `rpc server port`). */
  rpcPort: port.default(DIRECTORY_RPC_PORTS[0]),
  /** Longest time from start until every service answers. */
  startTimeoutMs: count.default(15_000),
  /** Longest time that Samba gets to stop by itself. */
  stopTimeoutMs: count.default(3_000),
});
export type DirectoryConfig = z.output<typeof directoryConfigSchema>;
