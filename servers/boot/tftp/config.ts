import * as z from 'zod';
import { TFTP_PORT } from '../../../harness/protocols/tftp/wire/ports.ts';
import { count, ip, ipv6, port, positive } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { tftpMisbehaviours } from './misbehaviours.ts';

const misbehave = tftpMisbehaviours(CONFIG_WORDS);
export type TftpMisbehaviour = z.infer<typeof misbehave>;

/** Configuration of the TFTP server. */
export const tftpConfigSchema = z.strictObject({
  address: ip,
  /** Serves the same at this address, too. */
  ipv6: ipv6.optional(),
  port: port.default(TFTP_PORT),
  /** Folder to serve; nothing outside it can be reached. */
  root: z.string().min(1, 'expected a folder'),
  /** Largest block granted (RFC 2348: 8 to 65464). 1468 fits an Ethernet frame: 1500 less 20 IP, 8 UDP, 4 TFTP. */
  maxBlksize: z.int().min(8, 'expected 8 to 65464').max(65_464, 'expected 8 to 65464').default(65_464),
  /** Largest window granted (RFC 7440: 1 to 65535); 1 grants no window. */
  maxWindowsize: z.int().min(1, 'expected 1 to 65535').max(65_535, 'expected 1 to 65535').default(64),
  /** Shortest wait for an acknowledgement; longer with the client's round trips, doubled with every resend. */
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
  misbehave: misbehave.default({}),
});
export type TftpConfig = z.output<typeof tftpConfigSchema>;
