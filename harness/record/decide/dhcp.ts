import { hex } from '../../packet/text.ts';
import { architectureName, architectureWord } from '../../protocols/dhcp/wire/architectures.ts';
import { DHCP_OPTIONS } from '../../protocols/dhcp/wire/option-registry.ts';
import { seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Answerer, Question } from '../facts/dhcp.ts';
import type { Fact } from '../facts/fact.ts';
import { bootFileKeys } from './boot-files.ts';
import type { Decision } from './decision.ts';
import { optionValue } from './option-value.ts';

/** Options that the lab's servers make themselves from a scenario's other keys, or give back as the client sent them. */
const OWN_OPTIONS: ReadonlySet<number> = new Set([1, 28, 51, 52, 53, 54, 56, 58, 59, 60, 66, 67, 82, 97]);
const IPXE = 175;
/** Sub-option 176, no-pxedhcp, with the value 1. */
const NO_PROXY = 'b00101';
/** No client notices a shorter wait. */
const NOTICEABLE_MS = 500;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** The DHCP server that the client took, else the first that answered. */
export function chosenServer({ dhcp }: CaptureFacts): Answerer | undefined {
  const servers = [...dhcp.servers.values()];
  return servers.find(({ acks, yiaddr }) => acks.length > 0 && yiaddr) ?? servers[0];
}

/** `services.dhcp`; undefined where the client asked and no server answered. */
export function dhcpService(decision: Decision): CommentedMap | undefined {
  const { facts, network, open } = decision;
  const server = chosenServer(facts);
  const asked = facts.dhcp.questions.length > 0 || facts.dhcpv6.questions.length > 0;
  if (server === undefined) return asked ? undefined : assumedServer(decision);
  for (const other of facts.dhcp.servers.values())
    if (other !== server)
      open(`services.dhcp: ${other.ip} answered, too (frame ${firstFrame(other)}); a scenario has one DHCP server`);
  const { yiaddr, leaseSeconds: lease, relay } = server;
  return {
    at: network.seenAt(server.ip, firstFrame(server), relay === undefined ? '' : `through the relay ${relay.value}`),
    ...(yiaddr === undefined || !network.has(yiaddr.value)
      ? {}
      : { reservations: { [decision.name]: seen(yiaddr.value, yiaddr.frame) } }),
    ...leaseKey(lease),
    ...bootFileKeys(server.files, network, open),
    ...nextServerKey(decision, server),
    ...vendorClassKey(server, facts.dhcp.bootServers.has(server.ip)),
    ...optionKeys(server),
    ...misbehaveKey({ ...delayKey(server), ...silentKey(decision), ...decision.misbehaviours.dhcp }),
  };
}

/** Architectures that the server did not answer, although it answered others of this client. */
function silentKey({ facts, open }: Decision): CommentedMap {
  const unanswered = unansweredQuestions(facts);
  const [first] = unanswered;
  if (first === undefined) return {};
  const words = unanswered.map(({ architecture }) => architectureWord(architecture));
  const architectures = [...new Set(words.filter((word) => word !== undefined))];
  if (words.includes(undefined))
    open(
      `services.dhcp: it did not answer ${architectureName(first.architecture ?? 0)} (frame ${first.frame}) and did answer others; a scenario has no name for that architecture, so that this boot may part there`,
    );
  return architectures.length === 0
    ? {}
    : { silent: seen({ architectures }, first.frame, 'never answered, as others were') };
}

/**
 * How long the client asked in vain before it went another way, and was answered: milliseconds, and the frames between.
 * Undefined where the server answered at once, or to the end not at all.
 */
export function vainMs(facts: CaptureFacts): { readonly ms: number; readonly frames: readonly number[] } | undefined {
  const { dhcp, dhcpv6 } = facts;
  const answeredOverIpv6 = dhcpv6.servers.size > 0 ? dhcpv6.questions : [];
  const inVain = dhcp.servers.size === 0 && answeredOverIpv6.length > 0;
  const [first] = inVain ? dhcp.questions.filter(({ boots }) => boots) : unansweredQuestions(facts);
  const answered = dhcp.questions.filter(({ architecture }) => dhcp.answered.has(architecture));
  const next = [...answered, ...answeredOverIpv6].find(({ atUs }) => first !== undefined && atUs > first.atUs);
  return first && next && { ms: (next.atUs - first.atUs) / 1000, frames: [first.frame, next.frame] };
}

function unansweredQuestions({ dhcp }: CaptureFacts): readonly Question[] {
  return dhcp.servers.size === 0
    ? []
    : dhcp.questions.filter(
        ({ boots, architecture }) => boots && architecture !== undefined && !dhcp.answered.has(architecture),
      );
}

/** A duration of a scenario is a day at most. */
const LONGEST_LEASE_S = 86_400;

/** `lease` of so many seconds. */
export function leaseKey(lease: Fact<number> | undefined): CommentedMap {
  return lease === undefined || lease.value > LONGEST_LEASE_S ? {} : { lease: seen(seconds(lease.value), lease.frame) };
}

/** A capture that begins after DHCP: what made the client ask for its first file. */
function assumedServer({ facts, network, name }: Decision): CommentedMap | undefined {
  const [file] = facts.files.files;
  if (file === undefined || file.server.includes(':')) return undefined;
  const bootfile = file.protocol === 'tftp' ? file.path : network.url(`http://${file.server}${file.path}`);
  return {
    ...(facts.clientIp === undefined
      ? {}
      : { reservations: { [name]: seen(facts.clientIp.value, facts.clientIp.frame) } }),
    bootfile: told(
      bootfile,
      `frame ${file.frame}: the first file that the client asks for; its DHCP is not in the capture`,
    ),
    'next-server': network.seenAt(file.server, file.frame),
  };
}

/** Frame of the first answer. */
export const firstFrame = ({ offers, acks, naks }: Answerer): number => Math.min(...offers, ...acks, ...naks);

/** `next-server`: only an address; a name would need a DNS that knows it. */
export function nextServerKey({ facts, network, open }: Decision, { nextServer }: Answerer): CommentedMap {
  if (nextServer === undefined) return {};
  if (IPV4.test(nextServer.value)) return { 'next-server': network.seenAt(nextServer.value, nextServer.frame) };
  const asked = facts.files.files[0];
  open(
    `next-server: option 66 says ${JSON.stringify(nextServer.value)} (frame ${nextServer.frame}); the lab has no such name, and takes the address that the client asked`,
  );
  return asked === undefined ? {} : { 'next-server': network.seenAt(asked.server, asked.frame) };
}

/** Option 60 of the answers; on the boot server's own host the lab's DHCP server sends PXEClient anyway. */
function vendorClassKey({ vendorClass }: Answerer, isBootServer: boolean): CommentedMap {
  return vendorClass === undefined || isBootServer
    ? {}
    : { 'vendor-class': seen(vendorClass.value, vendorClass.frame) };
}

/** Options that no other key makes. */
export function optionKeys({ options }: Answerer, made: readonly number[] = []): CommentedMap {
  const rest = [...options].filter(([code]) => !OWN_OPTIONS.has(code) && !made.includes(code));
  const noProxy = rest.find(([code, { value }]) => code === IPXE && hex(value).startsWith(NO_PROXY));
  const further = rest
    .filter((entry) => entry !== noProxy && entry[0] > 0 && entry[0] < 255 && entry[1].value.length > 0)
    .map(([code, { value, frame }]): [string, Commented] => [
      String(code),
      seen(optionValue(code, value), frame, DHCP_OPTIONS.get(code)?.name),
    ]);
  return {
    ...(noProxy === undefined ? {} : { 'ipxe-no-proxy': seen(true, noProxy[1].frame, 'option 175') }),
    ...(further.length === 0 ? {} : { options: Object.fromEntries(further) }),
  };
}

/** `delay` of a server that always takes its time. */
export function delayKey({ delayMs }: Pick<Answerer, 'delayMs'>): CommentedMap {
  if (delayMs === undefined || delayMs.value < NOTICEABLE_MS) return {};
  return { delay: seen(milliseconds(delayMs.value), delayMs.frame, 'its shortest time to answer') };
}

/** `delay` of a server whose answer came after another one's, and of which a client may take the first. */
export const laterThan = (frame: number, earlier: number): Commented =>
  told('100ms', `frame ${earlier} came before frame ${frame}`);

/** `misbehave` with these keys; nothing without any. */
export function misbehaveKey(keys: CommentedMap): CommentedMap {
  return Object.keys(keys).length === 0 ? {} : { misbehave: keys };
}

/** A duration of so many seconds, one at least. */
export const seconds = (value: number): string =>
  value > 0 && value % 60 === 0 ? `${value / 60}m` : `${Math.max(1, value)}s`;
/** In steps of a tenth of a second: more precise it was not. */
const milliseconds = (value: number): string => `${Math.round(value / 100) * 100}ms`;
