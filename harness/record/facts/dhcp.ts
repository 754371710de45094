import { isMalformed } from '../../packet/malformed.ts';
import {
  architecture,
  bootFile,
  isFirmwareClass,
  leaseSeconds,
  nextServer,
  serverIdentifier,
  userClass,
  vendorClass,
} from '../../protocols/dhcp/judge/facts.ts';
import type { DhcpEvent } from '../../protocols/dhcp/observe/events.ts';
import type { DhcpMessage } from '../../protocols/dhcp/wire/message.ts';
import { optionBytes, optionIp } from '../../protocols/dhcp/wire/options.ts';
import { pxeMenu, type PxeMenu } from '../../protocols/dhcp/wire/pxe-menu.ts';
import { bootItem, pxeVendorOptions } from '../../protocols/dhcp/wire/pxe-vendor.ts';
import { clientMachineIdentifier } from '../../protocols/dhcp/wire/pxe.ts';
import { wdsValues, type WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { first, type Fact } from './fact.ts';

const NO_ADDRESS = '0.0.0.0';

/** A boot file that a server named, and to whom. */
export interface NamedFile {
  readonly file: string;
  readonly frame: number;
  readonly architecture: number | undefined;
  readonly userClass: string | undefined;
}

/** A server that answered: one that gives addresses, or a boot server (proxyDHCP). */
export interface Answerer {
  readonly ip: string;
  /** Frames of its answers. */
  readonly offers: number[];
  readonly acks: number[];
  readonly naks: number[];
  readonly files: NamedFile[];
  /** Programs that it named to a boot program of WDS: they follow from the negotiation with it. */
  readonly programs: NamedFile[];
  /** Options of its answers by code, the first value of each. */
  readonly options: Map<number, Fact<Uint8Array>>;
  /** The shortest time from a request to its answer: what the server itself takes. */
  delayMs: Fact<number> | undefined;
  yiaddr: Fact<string> | undefined;
  mask: Fact<string> | undefined;
  leaseSeconds: Fact<number> | undefined;
  nextServer: Fact<string> | undefined;
  vendorClass: Fact<string> | undefined;
  /** The relay that it answered through. */
  relay: Fact<string> | undefined;
  /** Its OFFER names a boot file. */
  fileInOffer: Fact<boolean> | undefined;
  /** Length of its ACK in bytes. */
  bytes: Fact<number> | undefined;
  menu: Fact<PxeMenu> | undefined;
  /** What it told a boot program of WDS, answer by answer. */
  readonly wds: Fact<WdsValues>[];
}

/** A question of the client, as far as answers depend on it. */
export interface Question {
  readonly type: DhcpEvent['type'];
  readonly frame: number;
  readonly atUs: number;
  readonly architecture: number | undefined;
  readonly userClass: string | undefined;
  /** Firmware or a boot program asks, not the system that was booted. */
  readonly boots: boolean;
  readonly machineId: string | undefined;
  /** Option 175, sub-option 177: iPXE's network card. */
  readonly ipxe: Uint8Array | undefined;
  readonly wds: boolean;
  /** Option 43, sub-option 71: the type of the menu's entry that the client chose. */
  readonly bootItem: number | undefined;
  readonly to: string;
}

/** What DHCP of one client shows. */
export class DhcpFacts {
  readonly questions: Question[] = [];
  readonly servers = new Map<string, Answerer>();
  readonly bootServers = new Map<string, Answerer>();
  /** Architectures (option 93) that were answered at all. */
  readonly answered = new Set<number | undefined>();
  readonly #open = new Map<number, Question>();

  event(event: DhcpEvent): void {
    if (event.message.op === 1) this.#asked(event);
    else this.#answered(event);
  }

  #asked({ type, frame, atUs, message, to }: DhcpEvent): void {
    const machineId = clientMachineIdentifier(message);
    const vendor = pxeVendorOptions(message);
    const item = vendor === undefined ? undefined : bootItem(vendor);
    const question: Question = {
      type,
      frame,
      atUs,
      architecture: architecture(message),
      userClass: userClass(message),
      boots: isFirmwareClass(vendorClass(message)),
      machineId: isMalformed(machineId) ? undefined : machineId,
      ipxe: optionBytes(message, 175)?.slice(),
      wds: wdsValues(message) !== undefined,
      bootItem: item === undefined || isMalformed(item) ? undefined : item.type,
      to: to.ip,
    };
    this.questions.push(question);
    this.#open.set(message.xid, question);
  }

  #answered(event: DhcpEvent): void {
    const { type, message, frame, atUs } = event;
    const ip = serverIdentifier(message) ?? event.from.ip;
    const known = type.startsWith('proxydhcp.') ? this.bootServers : this.servers;
    const server = known.get(ip) ?? answerer(ip);
    known.set(ip, server);
    const asked = this.#open.get(message.xid);
    if (type === 'dhcp.nak') {
      server.naks.push(frame);
      return;
    }
    if (type.endsWith('.offer')) server.offers.push(frame);
    else server.acks.push(frame);
    if (asked !== undefined) {
      this.answered.add(asked.architecture);
      const delayMs = (atUs - asked.atUs) / 1000;
      if (delayMs >= 0 && delayMs < (server.delayMs?.value ?? Number.POSITIVE_INFINITY))
        server.delayMs = { value: delayMs, frame };
    }
    learn(server, type, message, frame);
    const file = bootFile(message);
    if (file !== '')
      (asked?.wds === true ? server.programs : server.files).push({
        file,
        frame,
        architecture: asked?.architecture,
        userClass: asked?.userClass,
      });
  }
}

function answerer(ip: string): Answerer {
  return {
    ip,
    offers: [],
    acks: [],
    naks: [],
    files: [],
    programs: [],
    options: new Map(),
    delayMs: undefined,
    yiaddr: undefined,
    mask: undefined,
    leaseSeconds: undefined,
    nextServer: undefined,
    vendorClass: undefined,
    relay: undefined,
    fileInOffer: undefined,
    bytes: undefined,
    menu: undefined,
    wds: [],
  };
}

function learn(server: Answerer, type: DhcpEvent['type'], message: DhcpMessage, frame: number): void {
  const mask = optionIp(message, 1);
  const menu = pxeMenu(message);
  const wds = wdsValues(message);
  const file = bootFile(message);
  const isAck = type.endsWith('.ack');
  server.yiaddr = first(server.yiaddr, addressOr(message.yiaddr), frame);
  server.mask = first(server.mask, isMalformed(mask) ? undefined : mask, frame);
  server.leaseSeconds = first(server.leaseSeconds, leaseSeconds(message), frame);
  // Without a boot file, a boot server's siaddr says where it is to be asked for one.
  if (file !== '' || !type.startsWith('proxydhcp.'))
    server.nextServer = first(server.nextServer, addressOr(nextServer(message)), frame);
  server.vendorClass = first(server.vendorClass, vendorClass(message), frame);
  server.relay = first(server.relay, addressOr(message.giaddr), frame);
  if (!isAck) server.fileInOffer = first(server.fileInOffer, file !== '', frame);
  if (isAck) server.bytes = first(server.bytes, message.length, frame);
  server.menu = first(server.menu, isMalformed(menu) ? undefined : menu, frame);
  if (wds !== undefined) server.wds.push({ value: wds, frame });
  for (const { code } of message.options) {
    const data = optionBytes(message, code);
    if (data !== undefined && !server.options.has(code)) server.options.set(code, { value: data.slice(), frame });
  }
}

const addressOr = (ip: string): string | undefined => (ip === '' || ip === NO_ADDRESS ? undefined : ip);
