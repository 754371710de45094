import { isUsableUrl } from '../../protocols/dhcpv6/judge/facts.ts';
import { DHCPV6_OPTIONS } from '../../protocols/dhcpv6/wire/options.ts';
import { formatIpv6, isOfPrefix, numberOf, parseIpv6, PREFIX_GROUPS } from '../../scenario/schema/ipv6.ts';
import { seen, told, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { NamedFile } from '../facts/dhcp.ts';
import type { Dhcpv6Answerer } from '../facts/dhcpv6.ts';
import { bootFileKeys } from './boot-files.ts';
import type { Decision } from './decision.ts';
import { firstQuestion } from './first-question.ts';
import { delayKey, leaseKey, misbehaveKey, seconds } from './dhcp.ts';

/** The DHCPv6 server that named a boot file, else one that answered a boot, else the first that answered. */
export function chosenDhcpv6({ dhcpv6 }: CaptureFacts): Dhcpv6Answerer | undefined {
  const servers = [...dhcpv6.servers.values()];
  return servers.find(({ files }) => files.length > 0) ?? servers.find(({ toBoot }) => toBoot) ?? servers[0];
}

/** `services.router-advertisements` and `services.dhcpv6`, as far as the client met them. */
export function ipv6Services(decision: Decision): CommentedMap {
  return { 'router-advertisements': routerService(decision), dhcpv6: dhcpv6Service(decision) };
}

function routerService(decision: Decision): CommentedMap | undefined {
  const { advertisement } = decision.facts.routers;
  if (advertisement === undefined) return undefined;
  const { value, frame } = advertisement;
  const { managed, other, prefixes, lifetimeSeconds, senderMac } = value;
  const fits =
    lifetimeSeconds === 0 || (lifetimeSeconds >= SHORTEST_LIFETIME_S && lifetimeSeconds <= LONGEST_LIFETIME_S);
  return {
    ...placeKey(decision, senderMac, frame),
    managed: seen(managed, frame, 'flag M'),
    other: seen(other, frame, 'flag O'),
    ...(prefixes.length === 0
      ? {}
      : {
          autonomous: seen(
            prefixes.some((one) => one.autonomous),
            frame,
            'flag A',
          ),
        }),
    ...(fits ? { lifetime: seen(lifetimeSeconds === 0 ? '0s' : seconds(lifetimeSeconds), frame) } : {}),
  };
}
/** What a router may say of itself (RFC 4861 section 6.2.1). */
const SHORTEST_LIFETIME_S = 4;
const LONGEST_LIFETIME_S = 9000;

function dhcpv6Service(decision: Decision): CommentedMap | undefined {
  const { facts, network, open } = decision;
  const server = chosenDhcpv6(facts);
  if (server === undefined) return facts.dhcpv6.questions.length > 0 ? silentServer(facts) : assumedServer(decision);
  for (const other of facts.dhcpv6.servers.values())
    if (other !== server)
      open(`services.dhcpv6: ${other.mac} answered, too (frame ${other.frame}); a scenario has one DHCPv6 server`);
  const { preference, dns, parameters, rapidCommit, toBoot } = server;
  const files = server.files.map((file): NamedFile => ({ ...file, file: usableUrl(file.file) }));
  const namesNone = toBoot !== undefined && files.length === 0 && server.refusal === undefined;
  return {
    ...placeKey(decision, server.mac, server.frame),
    ...rangeKey(server),
    ...leaseKey(server.validSeconds),
    ...(dns === undefined ? {} : { dns: seen([...dns.value], dns.frame, 'option 23') }),
    ...bootFileKeys(files, network, open),
    ...(parameters === undefined || parameters.value.length === 0
      ? {}
      : { parameters: seen([...parameters.value], parameters.frame, 'option 60') }),
    // The default, 0, is what the option says where a server leaves it out (RFC 8415 section 21.8).
    ...(preference === undefined || preference.value === 0
      ? {}
      : { preference: seen(preference.value, preference.frame, 'option 7') }),
    ...(rapidCommit === undefined ? {} : { 'rapid-commit': seen(true, rapidCommit.frame, 'option 14') }),
    ...misbehaveKey({
      ...(namesNone
        ? { 'omit-options': seen([DHCPV6_OPTIONS.bootFileUrl.code], toBoot.frame, 'names no boot file') }
        : {}),
      ...delayKey(server),
      ...decision.misbehaviours.dhcpv6,
    }),
  };
}

/** A client that boots over IPv6 alone has a server in a lab; one that tries IPv6 on its way needs none to be unanswered. */
function silentServer(facts: CaptureFacts): CommentedMap | undefined {
  const question = firstQuestion(facts);
  return question?.ip === 6
    ? { misbehave: { silent: told(true, `frame ${question.frame} is never answered`) } }
    : undefined;
}

/** A capture that begins after DHCPv6: what made the client ask for its first file over IPv6. */
function assumedServer({ facts, network }: Decision): CommentedMap | undefined {
  const [file] = facts.files.files;
  if (file === undefined || !file.server.includes(':')) return undefined;
  const url = `${file.protocol}://[${file.server}]/${file.path.replaceAll('\\', '/').replace(/^\/+/, '')}`;
  return {
    bootfile: told(
      network.url(url),
      `frame ${file.frame}: the first file that the client asks for; its DHCPv6 is not in the capture`,
    ),
  };
}

/** Where the host is, if it is one of those that have files: others have the usual place. */
function placeKey({ facts, network }: Decision, mac: string, frame: number): CommentedMap {
  const ip = facts.ipv6Hosts.get(mac);
  return ip === undefined ? {} : { at: network.seenAt(ip, frame, 'the host that has the files') };
}

/** Addresses from the lowest that was given to the end of the 256 that the highest is one of. */
function rangeKey({ addresses }: Dhcpv6Answerer): CommentedMap {
  const numbers = addresses.flatMap(({ value }) => {
    const groups = parseIpv6(value);
    return groups === undefined ? [] : [{ groups, number: numberOf(groups) }];
  });
  const sorted = numbers.toSorted((a, b) => (a.number < b.number ? -1 : 1));
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (lowest === undefined || highest === undefined) return {};
  if (!isOfPrefix(highest.groups, lowest.groups.slice(0, PREFIX_GROUPS))) return {};
  const end = highest.groups.with(7, (highest.groups[7] ?? 0) | 0xff);
  return {
    range: seen(
      `${formatIpv6(lowest.groups)}-${formatIpv6(end)}`,
      addresses.map(({ frame }) => frame),
      'gives addresses from there; no frame shows where its range ends',
    ),
  };
}

/** A boot file URL, where the server left scheme and brackets out: `fd77::1/snponly.efi`. */
export function usableUrl(file: string): string {
  if (isUsableUrl(file)) return file;
  const [, host = '', path = ''] = /^([0-9a-f:.]+)\/(.*)$/i.exec(file) ?? [];
  return parseIpv6(host) === undefined ? file : `tftp://[${host}]/${path}`;
}
