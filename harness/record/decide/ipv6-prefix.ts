import { formatPrefix, parseIpv6, parsePrefix, PREFIX_GROUPS, PREFIX_LENGTH } from '../../scenario/schema/ipv6.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Fact } from '../facts/fact.ts';

/** A /64, the frame that shows it, and by what. */
interface SeenPrefix extends Fact<string> {
  readonly note: string;
}

/** Global unicast and unique local addresses (RFC 4291 section 2.4, RFC 4193): what hosts have beside their link's own. */
const LINK_LOCAL = 0xfe80;

/** The IPv6 prefix of the client's link: what its router advertises, else that of the addresses that the capture shows. */
export function prefixSeen({ routers, dhcpv6, files }: CaptureFacts): SeenPrefix | undefined {
  const { advertisement } = routers;
  const advertised = advertisement?.value.prefixes.find(({ prefix, length }) => prefixText(prefix, length));
  if (advertisement !== undefined && advertised !== undefined) {
    const { prefix, length } = advertised;
    return { value: `${prefix}/${length}`, frame: advertisement.frame, note: 'the prefix that a router advertises' };
  }
  const addresses = [
    ...[...dhcpv6.servers.values()].flatMap((server) => server.addresses),
    ...files.files.map(({ server, frame }) => ({ value: server, frame })),
  ];
  for (const { value, frame } of addresses) {
    const groups = parseIpv6(value);
    if (groups !== undefined && groups[0] !== LINK_LOCAL)
      return {
        value: formatPrefix(groups.slice(0, PREFIX_GROUPS)),
        frame,
        note: `the prefix of ${value}, if it is a /${PREFIX_LENGTH}`,
      };
  }
  return undefined;
}

const prefixText = (prefix: string, length: number): boolean => parsePrefix(`${prefix}/${length}`) !== undefined;
