import * as z from 'zod';
import { BYTE_ORDERS } from '../../packet/byte-order.ts';
import { WDS_PROMPT_WORDS } from '../../protocols/dhcp/wire/wds.ts';
import { count, duration, ipv4, line, wirePath, word } from './values.ts';

// Answers of a boot server of Windows Deployment Services to wdsnbp: DHCP options 250 and 252.

/** Keys of services.pxe that make it negotiate with wdsnbp. */
export const wdsKeys = {
  prompt: word(WDS_PROMPT_WORDS).optional().meta({
    description:
      'opt-in (default of a negotiating server): the user must press F12; opt-out: boots unless ESC is pressed; no-prompt: boots',
  }),
  approval: z
    .strictObject({
      'poll-interval': duration
        .optional()
        .meta({ description: 'how often a waiting computer asks again; default 10s', examples: ['2s'] }),
      retries: count(0, 65_535, 'a number of tries')
        .optional()
        .meta({ description: 'how often it asks before it gives up; default 2160' }),
      message: line.optional().meta({ description: 'message to its user meanwhile', examples: ['Call the help desk'] }),
    })
    .optional()
    .meta({ description: 'how a computer waits when services.devices leaves it pending' }),
  bcd: wirePath.optional().meta({
    description: 'boot configuration data for the next program (option 252)',
    examples: ['boot\\x86\\default.bcd'],
  }),
  'boot-programs': z
    .strictObject({
      prompted: line.optional().meta({ description: 'program that asks for F12; default pxeboot.com' }),
      unprompted: line.optional().meta({ description: 'program that boots without a prompt; default pxeboot.n12' }),
      abort: line.optional().meta({ description: 'program that ends the network boot; default abortpxe.com' }),
      uefi: line.optional().meta({ description: 'program of UEFI clients; default bootmgfw.efi' }),
    })
    .optional()
    .meta({ description: 'programs that the server names to wdsnbp, in boot\\x86, boot\\x64 or boot\\arm64' }),
  referral: ipv4
    .optional()
    .meta({ description: 'refers every boot program to this server', examples: ['172.22.52.208'] }),
  'option-250': z
    .strictObject({
      'byte-order': word(BYTE_ORDERS)
        .optional()
        .meta({ description: 'byte order of its numbers; default big-endian, which no document confirms' }),
      'interval-unit': duration
        .refine((ms) => ms > 0, { error: 'more than 0ms' })
        .optional()
        .meta({ description: 'unit of the poll interval; default 1s, which no document confirms' }),
    })
    .optional()
    .meta({ description: 'encoding of option 250, also for played clients and for the judge' }),
};
