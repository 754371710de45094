import { bootFileArchitectures } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { ipOption, numberOption, optionBytes, textOption } from '../../../harness/protocols/dhcp/wire/options.ts';
import { encodeText } from '../../../harness/packet/text.ts';
import type { RawOption } from '../../service/config-fields.ts';
import type { DhcpConfig } from './config.ts';
import { reservationOf } from './leases.ts';
import { NAK, OFFER, type DhcpRequest } from './request.ts';
import { broadcastOf, netmask } from '../../service/ipv4.ts';

/** A DHCP option of a draft. */
export interface Option {
  readonly code: number;
  readonly data: Uint8Array;
}

// What a PXE client needs to boot, sent whether option 55 names it or not: PXE 2.1 clients in the field leave some out
// and drop an offer that lacks them (harness/docs/protocols.md 1.2). 53, 51 and 54 are required by RFC 2131 table 3, 82
// by RFC 3046.
const ALWAYS = new Set([43, 51, 53, 54, 60, 66, 67, 82, 97]);

// RFC 2131 section 2: `file` has 128 bytes, the last of which is NUL. A longer name stands in option 67 alone.
const FILE_LENGTH = 127;
// RFC 2131 section 4.4.5.
const renewal = (leaseSeconds: number): number => Math.floor(leaseSeconds / 2);
const rebinding = (leaseSeconds: number): number => Math.floor((leaseSeconds * 7) / 8);

/**
 * OFFER or ACK with an address; ACK of an INFORM (no address, no lease: RFC 2131 section 4.3.5); BOOTP reply (no type).
 */
export function ackReply(
  request: DhcpRequest,
  config: DhcpConfig,
  type: number | undefined,
  ip: string | undefined,
): DhcpDraft {
  const reservation = reservationOf(config, request.mac);
  const file = bootfileFor(request, config, reservation?.bootfile);
  const nextServer = config.nextServer ?? (file === undefined ? undefined : config.address);
  const vendorClass = vendorClassFor(request, config.vendorClass, file);
  const options: Option[] = [];
  const add = (option: Option): void => {
    if (ALWAYS.has(option.code) || request.wanted?.has(option.code) !== false) options.push(option);
  };
  if (type !== undefined) {
    add(numberOption(53, 1, type));
    add(ipOption(54, config.address));
    if (ip !== undefined) {
      add(numberOption(51, 4, config.leaseSeconds));
      add(numberOption(58, 4, renewal(config.leaseSeconds)));
      add(numberOption(59, 4, rebinding(config.leaseSeconds)));
    }
  }
  add(ipOption(1, netmask(config.prefixLength)));
  add(ipOption(28, broadcastOf(config.subnet, config.prefixLength)));
  if (config.router !== undefined) add(ipOption(3, config.router));
  if (config.dns && config.dns.length > 0) add(ipOption(6, ...config.dns));
  if (config.domain !== undefined) add(textOption(15, config.domain));
  if (reservation?.hostname !== undefined) add(textOption(12, reservation.hostname));
  if (vendorClass !== undefined) add(textOption(60, vendorClass));
  if (nextServer !== undefined) add(textOption(66, nextServer));
  if (file !== undefined) add(textOption(67, file));
  // iPXE: 175 holds sub-options; 0xB0 (no-pxedhcp), length 1, value 1.
  if (config.ipxeNoProxy) add({ code: 175, data: Uint8Array.of(0xb0, 1, 1) });
  return {
    ...replyHeader(request),
    yiaddr: ip ?? '0.0.0.0',
    // RFC 2131 table 3: ciaddr is 0 in an OFFER, the client's in an ACK.
    ciaddr: type === OFFER ? '0.0.0.0' : request.message.ciaddr,
    siaddr: nextServer ?? '0.0.0.0',
    file: fileField(file),
    options: withOwn(options, config.options, request),
  };
}

/** A boot file name for the header's `file` field; empty when it does not fit there. */
export const fileField = (file: string | undefined): string =>
  file !== undefined && encodeText(file).length <= FILE_LENGTH ? file : '';

/** NAK (RFC 2131 table 3): no address, no lease; through a relay it is broadcast (section 4.3.2). */
export function nakReply(request: DhcpRequest, config: DhcpConfig, reason: string): DhcpDraft {
  const relayed = request.message.giaddr !== '0.0.0.0';
  return {
    ...replyHeader(request),
    flags: relayed ? request.message.flags | 0x8000 : request.message.flags,
    options: [numberOption(53, 1, NAK), ipOption(54, config.address), textOption(56, reason), ...echoed(request)],
  };
}

/** What every reply copies from its request (RFC 2131 table 3). */
export function replyHeader(request: DhcpRequest): DhcpDraft {
  const { htype, hlen, xid, flags, giaddr, chaddr } = request.message;
  return { op: 2, htype, hlen, xid, flags, giaddr, chaddr, options: [] };
}

/**
 * Options that a server gives back as they came: 97 (RFC 4578 section 2.3, PXE 2.1), and 82 last (RFC 3046 section
 * 2.2).
 */
export function echoed(request: DhcpRequest): Option[] {
  return [97, 82].flatMap((code) => {
    const data = optionBytes(request.message, code);
    return data ? [{ code, data }] : [];
  });
}

/**
 * The computed options, replaced by those of the configuration, then the echoed ones. Options that a scenario names are
 * always sent.
 */
export function withOwn(options: readonly Option[], own: readonly RawOption[], request: DhcpRequest): Option[] {
  const replaced = new Set(own.map((option) => option.code));
  const all = [...options.filter((option) => !replaced.has(option.code)), ...own.map(optionOf)];
  return [...all, ...echoed(request).filter((option) => !replaced.has(option.code))];
}

function optionOf(raw: RawOption): Option {
  const { code } = raw;
  if (raw.text !== undefined) return textOption(code, raw.text);
  if (raw.ips !== undefined) return ipOption(code, ...raw.ips);
  if (raw.ip !== undefined) return ipOption(code, raw.ip);
  if (raw.u8 !== undefined) return numberOption(code, 1, raw.u8);
  if (raw.u16 !== undefined) return numberOption(code, 2, raw.u16);
  if (raw.u32 !== undefined) return numberOption(code, 4, raw.u32);
  return { code, data: Uint8Array.from(Buffer.from((raw.hex ?? '').replaceAll(/[ :]/g, ''), 'hex')) };
}

/** Boot files that a server names to clients. */
interface BootFiles {
  readonly bootfile?: string | undefined;
  /** By architecture number. */
  readonly bootfiles: Readonly<Record<string, string>>;
  /** By user class, and then for all architectures or by number. */
  readonly userClasses: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/**
 * The boot file of a client's user class, in the order of the client's classes: else a boot program that names its class,
 * as iPXE does, would load itself over and over. Then the client's own, that of its architecture, the common one. UEFI
 * HTTP clients get URLs and nothing else.
 */
export function bootfileFor(
  request: Pick<DhcpRequest, 'architecture' | 'vendorClass' | 'userClasses'>,
  { bootfile, bootfiles, userClasses }: BootFiles,
  own?: string,
): string | undefined {
  const numbers = request.architecture === undefined ? [] : bootFileArchitectures(request.architecture);
  const byArchitecture = (files: Readonly<Record<string, string>>): string | undefined =>
    numbers.map((number) => files[number]).find((one) => one !== undefined);
  const ofClass = request.userClasses
    .map((name) => (Object.hasOwn(userClasses, name) ? userClasses[name] : undefined))
    .map((files) => (typeof files === 'object' ? byArchitecture(files) : files))
    .find((one) => one !== undefined);
  const file = ofClass ?? own ?? byArchitecture(bootfiles) ?? bootfile;
  if (!isHttpClient(request.vendorClass)) return file;
  return file !== undefined && /^https?:\/\//i.test(file) ? file : undefined;
}

const isHttpClient = (vendorClass: string): boolean => vendorClass.startsWith('HTTPClient');

/**
 * Option 60: `HTTPClient` back to an HTTP client that gets a URL (EDK2 HttpBootDxe drops the offer without it), else
 * ours.
 */
function vendorClassFor(
  request: DhcpRequest,
  configured: string | undefined,
  file: string | undefined,
): string | undefined {
  if (isHttpClient(request.vendorClass)) return file === undefined ? undefined : 'HTTPClient';
  const asks = request.vendorClass.startsWith('PXEClient') || request.wanted?.has(60) === true;
  return asks ? configured : undefined;
}
