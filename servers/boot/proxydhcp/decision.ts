import { ipOption, numberOption, textOption } from '../../../harness/protocols/dhcp/wire/options.ts';
import {
  bootItem,
  bootItemOption,
  bootMenuOption,
  bootServersOption,
  menuPromptOption,
  PXE_SUB_OPTIONS,
  pxeVendorOptions,
  type BootItem,
} from '../../../harness/protocols/dhcp/wire/pxe-vendor.ts';
import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { wdsValues } from '../../../harness/protocols/dhcp/wire/wds.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import { encodeSubOptions } from '../../../harness/protocols/dhcp/wire/sub-options.ts';
import { about, replyTo } from '../dhcp/decision.ts';
import { bootfileFor, fileField, replyHeader, withOwn, type Option } from '../dhcp/reply.ts';
import { ACK, DISCOVER, INFORM, NAK, OFFER, REQUEST, type DhcpRequest, type Peer } from '../dhcp/request.ts';
import type { ServiceEvent } from '../../service/event-lines.ts';
import type { Device } from '../../state/device-store.ts';
import type { ProxydhcpConfig } from './config.ts';
import { negotiate } from './wds-negotiation.ts';

/** What the server does about one message. Without a reply it stays silent, and the event says why. */
export interface ProxyDecision {
  readonly reply?: DhcpDraft;
  readonly to?: Peer;
  readonly event: ServiceEvent;
  /** The fault that it comes of. */
  readonly misbehaved?: 'nak';
}

/** Which port a message came to: 67 is shared with DHCP, 4011 is the boot server's own. */
export type Arrival = 'dhcp' | 'proxy';

/**
 * The decision of a proxyDHCP and boot server about one message (PXE 2.1 section 2.2); `device` is the sender as the
 * device store knows it. Pure.
 */
export function decideProxy(
  request: DhcpRequest,
  arrival: Arrival,
  config: ProxydhcpConfig,
  device?: Device,
): ProxyDecision {
  if (!request.vendorClass.startsWith('PXEClient'))
    return silent(request, `option 60 is ${JSON.stringify(request.vendorClass.slice(0, 40))}, expected PXEClient`);
  // Another server's business; EDK2 leaves option 54 out on port 4011 (harness/docs/protocols.md 1.1), which makes it
  // ours.
  if (request.serverId !== undefined && request.serverId !== config.address)
    return silent(request, `the message is for server ${request.serverId}`);
  if (config.wds?.unknown === 'ignore' && config.wds.state !== undefined && device === undefined)
    return silent(request, 'only known computers are answered, and this one is unknown');
  const item = chosenItem(request);
  if (typeof item === 'string') return silent(request, item);
  return arrival === 'dhcp' ? atDhcpPort(request, item, config, device) : atOwnPort(request, item, config, device);
}

function atDhcpPort(
  request: DhcpRequest,
  item: BootItem | undefined,
  config: ProxydhcpConfig,
  device: Device | undefined,
): ProxyDecision {
  if (request.type === DISCOVER) {
    const file = bootfileFor(request, config, device?.bootProgram);
    if (file === undefined && config.pxeOptions === undefined) return silent(request, noBootfile(request));
    return {
      reply: reply(request, config, OFFER, config.offerCarriesBootfile ? file : undefined, undefined),
      to: replyTo(request, { server: config.ports.dhcp, client: config.ports.client }),
      event: { event: 'offer', ...about(request) },
    };
  }
  // The REQUEST of the address exchange names this host too where it is also the DHCP server: only a boot item makes it
  // ours.
  if (request.type === REQUEST && item) return acknowledge(request, item, config, device);
  return silent(request, `message type ${request.type ?? 'BOOTP'} on the DHCP port is for the DHCP server`);
}

function atOwnPort(
  request: DhcpRequest,
  item: BootItem | undefined,
  config: ProxydhcpConfig,
  device: Device | undefined,
): ProxyDecision {
  // iPXE, EDK2 and the reference trace's ROM send REQUEST; PXE 2.1 allows INFORM as well.
  if (request.type !== REQUEST && request.type !== INFORM)
    return silent(
      request,
      `message type ${request.type ?? 'BOOTP'} on the boot server's port, expected REQUEST or INFORM`,
    );
  return acknowledge(request, item, config, device);
}

function acknowledge(
  request: DhcpRequest,
  item: BootItem | undefined,
  config: ProxydhcpConfig,
  device: Device | undefined,
): ProxyDecision {
  const to = askingPort(request, config);
  if (config.misbehave.nak) {
    return {
      reply: { ...replyHeader(request), options: [numberOption(53, 1, NAK), ipOption(54, config.address)] },
      to,
      event: { event: 'nak', ...about(request), message: 'configured to refuse every REQUEST' },
      misbehaved: 'nak',
    };
  }
  const asked = config.wds && wdsValues(request.message, config.wds.byteOrder);
  if (config.wds && asked) {
    const answer = negotiate(asked, request, device, config.wds);
    if (typeof answer === 'string') return silent(request, answer);
    return {
      reply: reply(request, config, ACK, answer.file, undefined, answer.options),
      to,
      event: { ...answer.event, ...about(request) },
    };
  }
  const ofItem = item && config.bootfilesByType[String(item.type)];
  const file = bootfileFor(request, config, ofItem ?? device?.bootProgram);
  if (file === undefined) return silent(request, noBootfile(request));
  return {
    reply: reply(request, config, ACK, file, item),
    to,
    event: { event: 'ack', ...about(request), bootfile: file },
  };
}

/**
 * To the very port that asked: 68 for iPXE and the reference trace's ROM, 4011 for EDK2 (harness/docs/protocols.md
 * 1.2).
 */
function askingPort(request: DhcpRequest, config: ProxydhcpConfig): Peer {
  const { from, message } = request;
  if (from.ip === '0.0.0.0') return { ip: '255.255.255.255', port: from.port };
  return message.giaddr === '0.0.0.0' ? from : replyTo(request, { server: config.ports.dhcp, client: from.port });
}

function reply(
  request: DhcpRequest,
  config: ProxydhcpConfig,
  type: number,
  file: string | undefined,
  item: BootItem | undefined,
  more: readonly Option[] = [],
): DhcpDraft {
  const nextServer = config.nextServer ?? config.address;
  const options: Option[] = [
    numberOption(53, 1, type),
    ipOption(54, config.address),
    textOption(60, config.vendorClass),
  ];
  const vendor = vendorOptions(config, type, item);
  if (vendor.length > 0) options.push({ code: 43, data: encodeSubOptions(vendor) });
  if (file !== undefined) options.push(textOption(66, nextServer), textOption(67, file));
  return {
    ...replyHeader(request),
    ciaddr: request.message.ciaddr,
    // Without a boot file, siaddr says where to ask for one: EDK2 sends its port 4011 request there
    // (harness/docs/protocols.md 1.2).
    siaddr: file === undefined ? config.address : nextServer,
    file: fileField(file),
    options: withOwn([...options, ...more], config.options, request),
  };
}

function vendorOptions({ pxeOptions }: ProxydhcpConfig, type: number, item: BootItem | undefined): Option[] {
  const options: Option[] = [];
  if (pxeOptions?.discoveryControl !== undefined)
    options.push(numberOption(PXE_SUB_OPTIONS.discoveryControl, 1, pxeOptions.discoveryControl));
  if (pxeOptions?.discoveryMulticast !== undefined)
    options.push(ipOption(PXE_SUB_OPTIONS.discoveryMulticast, pxeOptions.discoveryMulticast));
  if (pxeOptions?.bootServers) options.push(bootServersOption(pxeOptions.bootServers));
  // A boot server that answers a choice does not ask again: iPXE would show the menu once more.
  const asks = type === OFFER || !item;
  if (asks && pxeOptions?.menu) options.push(bootMenuOption(pxeOptions.menu));
  if (asks && pxeOptions?.prompt) options.push(menuPromptOption(pxeOptions.prompt));
  // The client takes only an ACK with its own choice in it (PXE 2.1 table 2-2, tag 71).
  if (item) options.push(bootItemOption(item));
  return options;
}

/** Sub-option 71 of the request, or a text that says why it cannot be read. */
function chosenItem(request: DhcpRequest): BootItem | string | undefined {
  const vendor = pxeVendorOptions(request.message);
  if (!vendor) return undefined;
  const item = bootItem(vendor);
  return isMalformed(item) ? item.reason : item;
}

const noBootfile = (request: DhcpRequest): string =>
  `no boot file for architecture ${request.architecture ?? 'unknown (no option 93)'}`;

const silent = (request: DhcpRequest, message: string): ProxyDecision => ({
  event: { event: 'ignored', ...about(request), message },
});
