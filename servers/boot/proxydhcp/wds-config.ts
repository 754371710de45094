import * as z from 'zod';
import { BYTE_ORDERS } from '../../../harness/packet/byte-order.ts';
import { USUAL_FORM, WDS_PROMPT_WORDS } from '../../../harness/protocols/dhcp/wire/wds.ts';
import { ipv4, mac, positive } from '../../service/config-fields.ts';
import { UNKNOWN_DEVICE_ANSWERS } from '../../state/device-status.ts';

const fileName = z.string().min(1).max(120, 'expected at most 120 characters');
const u16 = z.int().min(0, 'expected 0 to 65535').max(65_535, 'expected 0 to 65535');

/** What an administrator decides about a waiting computer, by script. */
const decision = z.strictObject({
  /** How often the client has asked again by then. */
  afterPolls: z.int().min(0),
  status: z.enum(['approved', 'rejected']),
  mac,
  /** Computer name. */
  name: z.string().min(1).max(15).exactOptional(),
  message: z.string().min(1).max(200).exactOptional(),
});

/**
 * Negotiation with wdsnbp by options 250 and 252. What no capture of ours confirms (harness/docs/protocols.md 1.6 and
 * 8: names of the second reply, byte order and units of option 250) is a setting.
 */
export const wdsConfig = z.strictObject({
  /** opt-in: the user must press F12; opt-out: boots unless ESC is pressed; no-prompt: boots. */
  prompt: z.enum(WDS_PROMPT_WORDS).default('opt-in'),
  /**
   * Boot programs below the folder of the architecture. `prompted` asks for F12 itself; `unprompted` is for an opt-out
   * prompt and for a prompt that wdsnbp has already made.
   */
  programs: z
    .strictObject({
      prompted: fileName.default('pxeboot.com'),
      unprompted: fileName.default('pxeboot.n12'),
      abort: fileName.default('abortpxe.com'),
      uefi: fileName.default('bootmgfw.efi'),
    })
    .default({ prompted: 'pxeboot.com', unprompted: 'pxeboot.n12', abort: 'abortpxe.com', uefi: 'bootmgfw.efi' }),
  /** Folder by architecture; wdsnbp reports that of the processor (9 for x64), not the ROM's. */
  folders: z
    .record(z.string().regex(/^\d{1,5}$/, 'expected an architecture number of option 93'), fileName)
    .default({ '0': 'boot\\x86', '6': 'boot\\x86', '7': 'boot\\x64', '9': 'boot\\x64', '11': 'boot\\arm64' }),
  /** Option 252. */
  bcd: z.string().min(1).max(200).optional(),
  approval: z
    .strictObject({
      pollIntervalMs: z.int().min(0).max(0xffff_ffff).default(10_000),
      retries: u16.default(2160),
      message: z.string().max(200).default('Waiting for the administrator’s approval'),
    })
    .default({ pollIntervalMs: 10_000, retries: 2160, message: 'Waiting for the administrator’s approval' }),
  /** Every boot program is sent to this server instead. */
  referral: ipv4.optional(),
  /** Answer to a version query. */
  serverVersion: z.int().min(0).max(0xffff_ffff).optional(),
  /** Unit of the poll interval on the wire, in milliseconds. */
  pollIntervalUnitMs: positive.default(USUAL_FORM.intervalUnitMs),
  byteOrder: z.enum(BYTE_ORDERS).default(USUAL_FORM.byteOrder),
  /** Folder of the device store; without it every computer is answered alike. */
  state: z.string().min(1).optional(),
  /**
   * A computer that the store does not know: answered as if it were known, made to wait for approval, or left without
   * an answer.
   */
  unknown: z.enum(UNKNOWN_DEVICE_ANSWERS).default('answer'),
  administrator: z.array(decision).default([]),
  limits: z
    .strictObject({
      /** Most devices in the store; no further one is entered, because requests can name any MAC address. */
      devices: positive.default(4096),
      /** Most requests that wait for the store at a time. */
      waiting: positive.default(256),
    })
    .default({ devices: 4096, waiting: 256 }),
});
export type WdsConfig = z.output<typeof wdsConfig>;
