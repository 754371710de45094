import * as z from 'zod';
import { WDS_CONTROL_PORT } from '../../../harness/protocols/wds/wire/ports.ts';
import { ENDPOINT_MAPPER_PORT } from '../../../harness/protocols/rpc/wire/ports.ts';
import { REFERENCE_LAB } from '../../service/reference-lab.ts';
import { WINDOWS_PLATFORMS } from '../../../harness/protocols/wim/wire/architectures.ts';
import { ipv4, port, positive } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { controlMisbehaviours } from './misbehaviours.ts';

const folder = z.string('expected an absolute folder').regex(/^\/[^\n\r]*$/, 'expected an absolute folder');
const text = (what: string) => z.string(`expected ${what}`).max(256, `expected ${what} of at most 256 characters`);
const netbios = (what: string) =>
  z
    .string(`expected ${what}`)
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,14}$/, `expected ${what} of at most 15 letters, digits and hyphens`);

/** Configuration of the WDS control service. */
export const controlConfigSchema = z.strictObject({
  address: ipv4,
  port: port.default(WDS_CONTROL_PORT),
  /** Whether the endpoint mapper is here, too; false where a domain controller has port 135 already. */
  endpointMapper: z.boolean('expected true or false').default(true),
  /** The same as `port`: both interfaces on one port. */
  endpointMapperPort: port.default(ENDPOINT_MAPPER_PORT),
  /**
   * RPC ports of another program on this address, a domain controller's: the endpoint mapper asks them for interfaces
   * that are not its own.
   */
  neighbourPorts: z.array(port).max(16, 'expected at most 16 ports').default([]),
  serverName: netbios('a server name').default(REFERENCE_LAB.serverName),
  /** NetBIOS domain of the accounts, and the name that the challenge gives. */
  domain: netbios('a domain').default(REFERENCE_LAB.domain),
  accounts: z
    .array(
      z.strictObject({
        name: text('an account name').min(1, 'expected an account name'),
        password: text('a password').min(1, 'expected a password that is not empty'),
        locked: z.boolean().optional(),
        expired: z.boolean().optional(),
        firstName: text('a first name').optional(),
        lastName: text('a last name').optional(),
      }),
    )
    .max(256, 'expected at most 256 accounts')
    .default([REFERENCE_LAB.account]),
  /** The RemInst tree: images, answer files, driver packages. Without one there is nothing to list. */
  root: folder.optional(),
  /** Name of the share on which clients find the same tree. */
  share: text('a share name').default(REFERENCE_LAB.share),
  /** Folder in which the device store and the image flags lie, shared with other services. */
  state: folder.optional(),
  /** MS-WDSC section 3.1.4.1: an authenticated call at another level than packet privacy is refused. */
  requirePrivacy: z.boolean('expected true or false').default(true),
  /** What clients shall log: 0 nothing, 1 errors, 2 warnings, 3 everything (MS-WDSOSD section 2.2.1). */
  logLevel: z.int().min(0, 'expected a log level of 0 to 3').max(3, 'expected a log level of 0 to 3').default(3),
  unattend: z
    .strictObject({
      /**
       * Answer files for the deployment agent by architecture, or architecture and firmware: `x64`, `x64-uefi`; paths
       * below the root.
       */
      files: z
        .partialRecord(
          z.enum(WINDOWS_PLATFORMS, 'expected an architecture, e.g. x64, or with its firmware x64-uefi'),
          text('a path below the root'),
        )
        .default({}),
      /** Answer files on the client's own disk go before the server's. */
      override: z.boolean('expected true or false').default(false),
    })
    .prefault({}),
  images: z
    .strictObject({
      filterVersion: z.boolean('expected true or false').default(false),
      filterFirmware: z.boolean('expected true or false').default(false),
      /** Index of the first image in a version 2 list; MS-WDSOSD section 2.2.6 gives it for version 1 only, as 1. */
      firstIndex: z.int().min(0, 'expected 0 or 1').max(1, 'expected 0 or 1').default(1),
    })
    .prefault({}),
  organization: text('an organization').default(''),
  timeZone: text('a time zone of Windows').default('UTC'),
  /** Answer to computers without an account about joining the domain (MS-WDSOSD section 3.1.1.1). */
  domainJoin: z
    .strictObject({
      newComputers: z.boolean('expected true or false').default(false),
      namingPolicy: text('a naming policy').default('%61Username%#'),
      organizationalUnit: text('an organizational unit').default(''),
      prestageUsingMac: z.boolean('expected true or false').default(false),
      resetBootProgram: z.boolean('expected true or false').default(false),
    })
    .prefault({}),
  /** Largest fragment in either direction, bytes: the reference trace's. */
  maxFragment: z.int().min(256, 'expected 256 to 65535 bytes').max(65_535, 'expected 256 to 65535 bytes').default(5840),
  limits: z
    .strictObject({
      connections: positive.default(256),
      /** Most bytes of a request over all of its fragments. */
      requestBytes: positive.default(1024 * 1024),
      /** Longest time for a bind after connecting, for a fragment and for a request from first byte to last. */
      incompleteMs: positive.default(10_000),
      /** Longest silence of a client. */
      idleMs: positive.default(600_000),
    })
    .prefault({}),
  misbehave: controlMisbehaviours(CONFIG_WORDS).default({}),
});
export type ControlConfig = z.output<typeof controlConfigSchema>;
