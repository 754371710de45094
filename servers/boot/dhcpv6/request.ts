import { isMalformed, type Malformed } from '../../../harness/packet/malformed.ts';
import { hex } from '../../../harness/packet/text.ts';
import { architectureOf } from '../../../harness/protocols/dhcpv6/wire/boot.ts';
import { decodeDhcpv6 } from '../../../harness/protocols/dhcpv6/wire/codec.ts';
import type { Dhcpv6Message } from '../../../harness/protocols/dhcpv6/wire/message.ts';
import {
  DHCPV6_OPTIONS,
  everyOption,
  type IdentityAssociation,
  malformedOption,
  option,
} from '../../../harness/protocols/dhcpv6/wire/options.ts';
import { DHCPV6_TYPES, dhcpv6TypeName } from '../../../harness/protocols/dhcpv6/wire/types.ts';

/** A client's message with what a server decides on. */
export interface Dhcpv6Request {
  readonly message: Dhcpv6Message;
  /** The client's DUID in hexadecimal; empty where an INFORMATION-REQUEST leaves it out. */
  readonly client: string;
  /** DUID of the server that the client means, in hexadecimal. */
  readonly server: string | undefined;
  readonly associations: readonly IdentityAssociation[];
  readonly architecture: number | undefined;
  readonly userClasses: readonly string[];
  /** Options that the client wants; undefined when it names none, which leaves the choice to the server. */
  readonly wanted: ReadonlySet<number> | undefined;
}

const CLIENT_TYPES: ReadonlySet<number> = new Set([
  DHCPV6_TYPES.SOLICIT,
  DHCPV6_TYPES.REQUEST,
  DHCPV6_TYPES.CONFIRM,
  DHCPV6_TYPES.RENEW,
  DHCPV6_TYPES.REBIND,
  DHCPV6_TYPES.RELEASE,
  DHCPV6_TYPES.DECLINE,
  DHCPV6_TYPES['INFORMATION-REQUEST'],
]);

/** A client's message, or why a server discards it (RFC 8415 section 16). */
export function readRequest(bytes: Uint8Array): Dhcpv6Request | string {
  const message = decodeDhcpv6(bytes);
  if (isMalformed(message)) return message.reason;
  if (message.kind === 'dhcpv6-relay') return 'a relay’s message: the server serves its own link only';
  if (!CLIENT_TYPES.has(message.type)) return `${dhcpv6TypeName(message.type)} is no message of a client`;
  const trouble = malformedOption(message);
  if (trouble) return trouble.reason;
  const client = bytesOf(message, DHCPV6_OPTIONS.clientId.code);
  if (client === undefined && message.type !== DHCPV6_TYPES['INFORMATION-REQUEST'])
    return 'expected a client identifier, option 1';
  const wanted = option(message, 'optionRequest');
  const classes = option(message, 'userClass');
  return {
    message,
    client: client ?? '',
    server: bytesOf(message, DHCPV6_OPTIONS.serverId.code),
    associations: sound(everyOption(message, 'iaNa')),
    architecture: architectureOf(message),
    userClasses: classes === undefined || isMalformed(classes) ? [] : classes,
    wanted: wanted === undefined || isMalformed(wanted) ? undefined : new Set(wanted),
  };
}

/** An option's bytes in hexadecimal: identifiers are compared and never interpreted (RFC 8415 section 11). */
function bytesOf({ options }: Dhcpv6Message, code: number): string | undefined {
  const found = options.find((one) => one.code === code);
  return found && hex(found.data);
}

const sound = <T>(values: readonly (T | Malformed)[]): T[] =>
  values.flatMap((value) => (isMalformed(value) ? [] : [value]));
