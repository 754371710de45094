import * as z from 'zod';
import { BOOT_SERVER_PORT, DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from '../../../harness/protocols/dhcp/wire/ports.ts';
import { bootfiles, ipv4, port, positive, rawOption, userClasses } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { dhcpMisbehaviours } from '../dhcp/misbehaviours.ts';
import { wdsConfig } from './wds-config.ts';

const u8 = z.int().min(0, 'expected 0 to 255').max(255, 'expected 0 to 255');
const bootType = z
  .int()
  .min(0, 'expected a boot server type of 0 to 65535')
  .max(65_535, 'expected a boot server type of 0 to 65535');

/** Option 43 of PXE (PXE 2.1 tables 2-1 and 2-2). */
const pxeOptions = z.strictObject({
  /** Sub-option 6, bits: 1 no broadcast, 2 no multicast, 4 only listed servers, 8 boot file at once. */
  discoveryControl: u8.optional(),
  /** Sub-option 7. */
  discoveryMulticast: ipv4.optional(),
  /** Sub-option 8. */
  bootServers: z.array(z.strictObject({ type: bootType, ips: z.array(ipv4).max(255) })).optional(),
  /** Sub-option 9; type 0 is the local disk. */
  menu: z.array(z.strictObject({ type: bootType, description: z.string().min(1).max(80) })).optional(),
  /** Sub-option 10: 0 picks the first entry at once, 255 shows the menu at once. */
  prompt: z.strictObject({ timeoutS: u8, text: z.string().max(80) }).optional(),
});

/** Configuration of the proxyDHCP server. */
export const proxydhcpConfigSchema = z
  .strictObject({
    /** The server's own address: sends from it and names it as the server identifier. */
    address: ipv4,
    /** Offers on port 67, beside the DHCP server of another host. */
    port67: z.boolean().default(true),
    /** Answers on port 4011. */
    port4011: z.boolean().default(true),
    bootfile: z.string().min(1).optional(),
    bootfiles: bootfiles.default({}),
    /** Before all others: what a boot program that was chain-loaded gets instead of itself. */
    userClasses: userClasses.default({}),
    /** Boot files by the type of the menu entry that a client chose (sub-option 71). */
    bootfilesByType: z.record(z.string().regex(/^\d{1,5}$/, 'expected a boot server type'), z.string()).default({}),
    vendorClass: z.string().min(1).default('PXEClient'),
    /** siaddr and option 66 beside the boot file; `address` when not given. */
    nextServer: ipv4.optional(),
    pxeOptions: pxeOptions.optional(),
    /** The offer on port 67 carries the boot file already: iPXE then never asks on port 4011. */
    offerCarriesBootfile: z.boolean().default(false),
    /** Negotiates with wdsnbp; without it option 250 is ignored. */
    wds: wdsConfig.optional(),
    options: z.array(rawOption).default([]),
    /** Pads replies to that many bytes of UDP payload; Windows Deployment Services pads to 1024. */
    padTo: z.int().min(300, 'expected 300 to 1472').max(1472, 'expected 300 to 1472').optional(),
    ports: z
      .strictObject({
        dhcp: port.default(DHCP_SERVER_PORT),
        proxy: port.default(BOOT_SERVER_PORT),
        client: port.default(DHCP_CLIENT_PORT),
      })
      .prefault({}),
    limits: z
      .strictObject({ /** Replies that wait for `misbehave.delay`. */ delayedReplies: positive.default(1024) })
      .default({ delayedReplies: 1024 }),
    misbehave: dhcpMisbehaviours(CONFIG_WORDS).default({}),
  })
  .superRefine((config, context) => {
    if (!config.port67 && !config.port4011)
      context.addIssue({
        code: 'custom',
        path: ['port4011'],
        message: 'expected port67 or port4011 to be true, else there is nothing to listen on',
      });
    // Option 43 goes out as one option: 255 bytes of sub-options, each with 2 bytes of code and length, and its end.
    const { bootServers = [], menu = [], prompt } = config.pxeOptions ?? {};
    const servers = bootServers.reduce((sum, { ips }) => sum + 3 + 4 * ips.length, 2);
    const entries = menu.reduce((sum, { description }) => sum + 3 + Buffer.byteLength(description), 2);
    const length = servers + entries + (prompt ? 3 + Buffer.byteLength(prompt.text) : 0) + 16;
    if (length > 255)
      context.addIssue({
        code: 'custom',
        path: ['pxeOptions'],
        message: `expected boot servers, menu and prompt to fit option 43 (255 bytes), they need ${length}`,
      });
    if (
      config.bootfile === undefined &&
      Object.keys(config.bootfiles).length === 0 &&
      Object.keys(config.userClasses).length === 0 &&
      Object.keys(config.bootfilesByType).length === 0
    ) {
      context.addIssue({
        code: 'custom',
        path: ['bootfile'],
        message: 'expected a boot file: common, by architecture or by user class',
      });
    }
  });
export type ProxydhcpConfig = z.output<typeof proxydhcpConfigSchema>;
