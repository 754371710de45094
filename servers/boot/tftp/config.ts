import { z } from 'zod';
import { count, ipv4, port, positive } from '../../service/config-fields.ts';

const misbehaviour = z.strictObject({
  /**
   * Names that are "not found" although they are there; compared as file names are, in any case and with either slash.
   */
  missing: z.array(z.string()).optional(),
  /** Names that are refused with "access violation". */
  denied: z.array(z.string()).optional(),
  /** Blocks whose first transmission is lost, in every transfer. */
  dropBlock: z.array(positive).optional(),
  /** Blocks that are sent twice. */
  duplicateBlock: z.array(positive).optional(),
  /** Ends every transfer with ERROR 0 after that block was acknowledged. */
  errorAfterBlock: count.optional(),
  /** Grants a blksize that is larger than asked for by this much. */
  oackEnlargesBlksize: positive.max(1024).optional(),
  /** Options that the OACK leaves out; they are not in force either. */
  oackOmit: z.array(z.string()).optional(),
  /** Adds this to the file's size in the OACK. */
  wrongTsize: z.int().optional(),
  /** Answers from port 69 instead of a port of its own. */
  dataFromPort69: z.boolean().optional(),
  /** Goes silent after that block was acknowledged. */
  stallAfterBlock: count.optional(),
  /** Waits so long before it answers a request. */
  delayMs: count.max(600_000).optional(),
});
export type TftpMisbehaviour = z.infer<typeof misbehaviour>;

/** Configuration of the TFTP server. */
export const tftpConfigSchema = z.strictObject({
  address: ipv4,
  port: port.default(69),
  /** Folder to serve; nothing outside it can be reached. */
  root: z.string().min(1, 'expected a folder'),
  /** Largest block granted (RFC 2348: 8 to 65464). 1468 fits an Ethernet frame: 1500 less 20 IP, 8 UDP, 4 TFTP. */
  maxBlksize: z.int().min(8, 'expected 8 to 65464').max(65_464, 'expected 8 to 65464').default(65_464),
  /** Largest window granted (RFC 7440: 1 to 65535); 1 grants none. */
  maxWindowsize: z.int().min(1, 'expected 1 to 65535').max(65_535, 'expected 1 to 65535').default(64),
  /** First wait for an acknowledgement; then it follows the client's round trips and doubles with every loss. */
  timeoutMs: z.int().min(10).max(255_000).default(1000),
  /** Resends of one packet before a transfer is given up. */
  retries: count.max(100).default(6),
  /** Every transfer from `port`, for clients behind filters. */
  singlePort: z.boolean().default(false),
  /** Ports for transfers; any free one when absent. */
  portRange: z
    .strictObject({ from: positive.max(65_535), to: positive.max(65_535) })
    .refine((range) => range.from <= range.to, 'expected from to be no larger than to')
    .optional(),
  limits: z
    .strictObject({
      /** Transfers at the same time; more are refused. */
      transfers: positive.default(1024),
      /** Memory for file contents in MiB. */
      cacheMiB: positive.default(128),
    })
    .default({ transfers: 1024, cacheMiB: 128 }),
  misbehave: misbehaviour.default({}),
});
export type TftpConfig = z.output<typeof tftpConfigSchema>;
export type TftpConfigInput = z.input<typeof tftpConfigSchema>;
