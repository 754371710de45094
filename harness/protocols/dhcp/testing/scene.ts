import { at, BROADCAST, CLIENT, type End, type Host, Scene, SERVER } from '../../../observe/testing/scene.ts';
import { encodeDhcp } from '../wire/codec.ts';
import { ipOption, numberOption, textOption } from '../wire/options.ts';
import { machineIdentifierOption } from '../wire/pxe.ts';
import { encodeSubOptions } from '../wire/sub-options.ts';
import { wdsBootProgramOption, type WdsValues } from '../wire/wds.ts';

/** The host that gives addresses; SERVER is the boot server. */
export const DHCP_SERVER: Host = { mac: '00:1f:29:04:77:01', ip: '172.22.52.1' };
/** Option 60 of the client's ROM (PXE 2.1 section 2.2.1). */
export const PXE_CLASS = 'PXEClient:Arch:00000:UNDI:002001';

const TYPES = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;
type Question = 'discover' | 'request' | 'decline' | 'release' | 'inform';
type Answer = 'offer' | 'ack' | 'nak';
const NOWHERE = '0.0.0.0';

/** What a message says; options by name, in the order in which they are written. */
export interface DhcpWords {
  readonly op?: number;
  readonly xid?: number;
  readonly ciaddr?: string;
  readonly yiaddr?: string;
  readonly siaddr?: string;
  readonly giaddr?: string;
  /** Default: that of the client's frames. */
  readonly chaddr?: string;
  readonly file?: string;
  /** Option 54. */
  readonly server?: string;
  /** Option 50. */
  readonly requested?: string;
  /** Option 51. */
  readonly leaseSeconds?: number;
  /** Sub-options of option 43. */
  readonly vendorOptions?: Parameters<typeof encodeSubOptions>[0];
  /** Option 60. */
  readonly vendorClass?: string;
  /** Option 77, as iPXE writes it. */
  readonly userClass?: string;
  /** Option 175, of iPXE: its sub-option 177 with PCI vendor and device of the card. */
  readonly pciId?: readonly [vendor: number, device: number];
  /** Option 93. */
  readonly arch?: number;
  /** Option 61: its type and the bytes after it. */
  readonly identifier?: readonly number[];
  /** Option 97. */
  readonly uuid?: string;
  /** Option 67. */
  readonly bootfile?: string;
  /** Option 56. */
  readonly message?: string;
  /** Option 250. */
  readonly wds?: WdsValues;
  /** Option 252. */
  readonly bcdPath?: string;
}

/** DHCP between the reference trace's client, the DHCP server and the boot server. */
export class DhcpScene extends Scene {
  client: Host = CLIENT;
  /** Transaction id of messages that do not set one. */
  xid = 0x1280_d292;

  /** A client's message; without an address of its own to everybody. */
  ask(type: Question, words: DhcpWords = {}, to: End = at(BROADCAST, 67), fromPort = 68): this {
    const from = at({ mac: this.client.mac, ip: words.ciaddr ?? NOWHERE }, fromPort);
    return this.udp(from, to, this.#message(1, type, words));
  }

  /** A server's message; to everybody, where the client has no address yet. */
  answer(type: Answer, words: DhcpWords = {}, from: End = at(DHCP_SERVER, 67), to: End = at(BROADCAST, 68)): this {
    return this.udp(from, to, this.#message(2, type, words));
  }

  /** The ROM asks for an address. */
  discover(words: DhcpWords = {}): this {
    return this.ask('discover', { vendorClass: PXE_CLASS, arch: 0, ...words });
  }

  /** The DHCP server offers the client's address; `boot` is what it says of booting. */
  offer(boot: DhcpWords = {}): this {
    return this.answer('offer', { ...this.#lease(), ...boot });
  }

  /** The ROM takes the DHCP server's offer. */
  choose(words: DhcpWords = {}): this {
    return this.ask('request', {
      server: DHCP_SERVER.ip,
      requested: this.client.ip,
      vendorClass: PXE_CLASS,
      arch: 0,
      ...words,
    });
  }

  /** The DHCP server gives what it offered. */
  grant(boot: DhcpWords = {}): this {
    return this.answer('ack', { ...this.#lease(), ...boot });
  }

  /** A boot server offers itself, on port 67 and without an address (PXE 2.1 section 2.2.3). */
  bootServerOffer(words: DhcpWords = {}, host = SERVER): this {
    const named = { siaddr: host.ip, server: host.ip, vendorClass: 'PXEClient' };
    return this.answer('offer', { ...named, ...words }, at(host, 67));
  }

  /** The ROM, or a program that it loaded, asks a boot server on port 4011. */
  askBootServer(words: DhcpWords = {}, host = SERVER): this {
    const asked = { ciaddr: this.client.ip, server: host.ip, vendorClass: PXE_CLASS, arch: 0 };
    return this.ask('request', { ...asked, ...words }, at(host, 4011));
  }

  /** The boot server's answer from port 4011. */
  bootServerAnswer(words: DhcpWords = {}, host = SERVER, ports = { from: 4011, to: 68 }): this {
    const named = { siaddr: host.ip, server: host.ip, vendorClass: 'PXEClient' };
    return this.answer('ack', { ...named, ...words }, at(host, ports.from), at(this.client, ports.to));
  }

  #lease(): DhcpWords {
    return { yiaddr: this.client.ip, server: DHCP_SERVER.ip, leaseSeconds: 3600 };
  }

  #message(op: 1 | 2, type: keyof typeof TYPES, words: DhcpWords): Uint8Array {
    const { op: said = op, xid = this.xid, ciaddr, yiaddr, siaddr, giaddr, file } = words;
    const fixed = { ciaddr, yiaddr, siaddr, giaddr, file };
    return encodeDhcp({
      op: said,
      xid,
      chaddr: words.chaddr ?? this.client.mac,
      ...Object.fromEntries(Object.entries(fixed).filter(([, value]) => value !== undefined)),
      options: [numberOption(53, 1, TYPES[type]), ...optionsOf(words)],
    });
  }
}

function optionsOf(words: DhcpWords): { code: number; data: Uint8Array }[] {
  const { server, requested, leaseSeconds, vendorClass, userClass, arch } = words;
  const { identifier, uuid, bootfile, message, wds, bcdPath, vendorOptions, pciId } = words;
  return [
    server === undefined ? [] : ipOption(54, server),
    requested === undefined ? [] : ipOption(50, requested),
    leaseSeconds === undefined ? [] : numberOption(51, 4, leaseSeconds),
    vendorOptions === undefined ? [] : { code: 43, data: encodeSubOptions(vendorOptions) },
    vendorClass === undefined ? [] : textOption(60, vendorClass),
    userClass === undefined ? [] : textOption(77, userClass),
    pciId === undefined
      ? []
      : { code: 175, data: encodeSubOptions([{ code: 177, data: Uint8Array.from([1, ...pciId.flatMap(bigEndian)]) }]) },
    arch === undefined ? [] : numberOption(93, 2, arch),
    identifier === undefined ? [] : { code: 61, data: Uint8Array.from(identifier) },
    uuid === undefined ? [] : machineIdentifierOption(uuid),
    bootfile === undefined ? [] : textOption(67, bootfile),
    message === undefined ? [] : textOption(56, message),
    wds === undefined ? [] : wdsBootProgramOption(wds),
    bcdPath === undefined ? [] : textOption(252, bcdPath),
  ].flat();
}

const bigEndian = (number: number): number[] => [number >> 8, number & 0xff];
