import { ARCHITECTURES, bootFileArchitectures } from '../../../harness/protocols/dhcp/wire/architectures.ts';
import type { Dhcpv6Message, Dhcpv6Option } from '../../../harness/protocols/dhcpv6/wire/message.ts';
import { vendorClassOf } from '../../../harness/protocols/dhcpv6/wire/boot.ts';
import { DHCPV6_OPTIONS, everyOption, makeOption, option } from '../../../harness/protocols/dhcpv6/wire/options.ts';
import { DHCPV6_STATUS, DHCPV6_TYPES, dhcpv6TypeName } from '../../../harness/protocols/dhcpv6/wire/types.ts';
import type { Duid } from '../../../harness/protocols/dhcpv6/wire/duid.ts';
import { isMalformed } from '../../../harness/packet/malformed.ts';
import type { ServiceEvent } from '../../service/event-lines.ts';
import type { Dhcpv6Config, Dhcpv6Misbehaviour } from './config.ts';
import type { Dhcpv6Leases } from './leases.ts';
import type { Dhcpv6Request } from './request.ts';

/** The server as its messages name it. */
export interface ServerIdentity {
  readonly duid: Duid;
  /** The same in hexadecimal. */
  readonly hex: string;
}

/** What the server does about a client's message. */
export interface Decision {
  readonly event: ServiceEvent;
  readonly reply?: Dhcpv6Message;
  /** Faults that the reply shows. */
  readonly misbehaved?: readonly (keyof Dhcpv6Misbehaviour)[];
}

/** Messages that mean one server, and are for no other (RFC 8415 section 16). */
const TO_ONE_SERVER: readonly number[] = [
  DHCPV6_TYPES.REQUEST,
  DHCPV6_TYPES.RENEW,
  DHCPV6_TYPES.RELEASE,
  DHCPV6_TYPES.DECLINE,
];

/** Answers a client's message; addresses that it gives are kept in `leases`. */
export function decide(
  request: Dhcpv6Request,
  config: Dhcpv6Config,
  leases: Dhcpv6Leases,
  server: ServerIdentity,
): Decision {
  const { message, client } = request;
  const type = dhcpv6TypeName(message.type);
  const about = { client, transaction: message.transaction, message: type };
  const meant = request.server;
  if (TO_ONE_SERVER.includes(message.type) ? meant !== server.hex : meant !== undefined && meant !== server.hex)
    return { event: { event: 'ignored', ...about, why: `the client means ${meant ?? 'no server'}` } };
  const isCommit = config.rapidCommit && option(message, 'rapidCommit') === true;
  const isOffer = message.type === DHCPV6_TYPES.SOLICIT && !isCommit;
  const options = [
    ...message.options.filter(({ code }) => code === DHCPV6_OPTIONS.clientId.code),
    makeOption('serverId', server.duid),
    ...(message.type === DHCPV6_TYPES.SOLICIT && isCommit ? [makeOption('rapidCommit', true)] : []),
    ...(isOffer && config.preference !== undefined ? [makeOption('preference', config.preference)] : []),
    ...bodyOf(request, config, leases),
  ];
  const reply: Dhcpv6Message = {
    kind: 'dhcpv6',
    type: isOffer ? DHCPV6_TYPES.ADVERTISE : DHCPV6_TYPES.REPLY,
    transaction: message.transaction,
    options,
  };
  const addresses = everyOption({ options }, 'iaNa').flatMap((one) =>
    isMalformed(one)
      ? []
      : everyOption(one, 'iaAddress').flatMap((given) => (isMalformed(given) ? [] : [given.address])),
  );
  const bootfile = option({ options }, 'bootFileUrl');
  return {
    event: {
      event: isOffer ? 'advertise' : 'reply',
      ...about,
      ...(addresses.length === 0 ? {} : { addresses }),
      ...(typeof bootfile === 'string' ? { bootfile } : {}),
    },
    reply,
    misbehaved: shownFaults(request, config, options),
  };
}

function shownFaults(
  { architecture }: Dhcpv6Request,
  { misbehave }: Dhcpv6Config,
  options: readonly Dhcpv6Option[],
): readonly (keyof Dhcpv6Misbehaviour)[] {
  const has = ({ code }: { readonly code: number }): boolean => options.some((one) => one.code === code);
  const other = misbehave['other-architecture'];
  const namesBootFile = has(DHCPV6_OPTIONS.bootFileUrl);
  const shown: readonly (keyof Dhcpv6Misbehaviour | false)[] = [
    misbehave['no-address'] === true && has(DHCPV6_OPTIONS.iaNa) && 'no-address',
    misbehave['unusable-url'] === true && namesBootFile && 'unusable-url',
    other !== undefined && namesBootFile && ARCHITECTURES[other] !== architecture && 'other-architecture',
  ];
  return shown.filter((one) => one !== false);
}

function bodyOf(request: Dhcpv6Request, config: Dhcpv6Config, leases: Dhcpv6Leases): Dhcpv6Option[] {
  const { message, client, associations } = request;
  switch (message.type) {
    case DHCPV6_TYPES.RELEASE:
    case DHCPV6_TYPES.DECLINE:
      for (const { iaid } of associations) leases.release({ client, iaid }, message.type === DHCPV6_TYPES.DECLINE);
      return [statusOf('Success', 'released')];
    case DHCPV6_TYPES.CONFIRM: {
      const held = associations.flatMap((one) => everyOption(one, 'iaAddress'));
      const fits = held.every((one) => !isMalformed(one) && leases.isOfLink(one.address));
      return [fits ? statusOf('Success', 'on this link') : statusOf('NotOnLink', 'another link’s address')];
    }
    case DHCPV6_TYPES['INFORMATION-REQUEST']:
      return settingsOf(request, config);
    default:
      return [
        ...associations.map(({ iaid }) => associationOf(iaid, addressFor(request, iaid, config, leases), config)),
        ...settingsOf(request, config),
      ];
  }
}

function addressFor(
  { client }: Dhcpv6Request,
  iaid: number,
  { misbehave }: Dhcpv6Config,
  leases: Dhcpv6Leases,
): string | undefined {
  return misbehave['no-address'] === true ? undefined : leases.addressFor({ client, iaid });
}

function associationOf(iaid: number, address: string | undefined, config: Dhcpv6Config): Dhcpv6Option {
  const { preferredSeconds: preferred, validSeconds: valid } = config;
  // RFC 8415 section 21.4 recommends 0.5 and 0.8 of the preferred lifetime.
  return makeOption('iaNa', {
    iaid,
    t1: Math.floor(preferred * 0.5),
    t2: Math.floor(preferred * 0.8),
    options:
      address === undefined
        ? [statusOf('NoAddrsAvail', 'no address is free')]
        : [makeOption('iaAddress', { address, preferred, valid, options: [] })],
  });
}

const statusOf = (status: keyof typeof DHCPV6_STATUS, message: string): Dhcpv6Option =>
  makeOption('statusCode', { status: DHCPV6_STATUS[status], message });

function settingsOf(request: Dhcpv6Request, config: Dhcpv6Config): Dhcpv6Option[] {
  const wants = (code: number): boolean => request.wanted?.has(code) ?? true;
  const bootfile = bootFileFor(request, config);
  return [
    ...(config.dns.length > 0 && wants(DHCPV6_OPTIONS.dnsServers.code) ? [makeOption('dnsServers', config.dns)] : []),
    ...(bootfile !== undefined && wants(DHCPV6_OPTIONS.bootFileUrl.code) ? [makeOption('bootFileUrl', bootfile)] : []),
    ...(config.parameters.length > 0 && wants(DHCPV6_OPTIONS.bootFileParameters.code)
      ? [makeOption('bootFileParameters', config.parameters)]
      : []),
    ...(bootfile !== undefined && isHttpClient(request) ? [makeOption('vendorClass', HTTP_CLIENT)] : []),
  ];
}

/**
 * Option 16 of the answers to a client that boots by HTTP (UEFI 2.10 section 24.7): EDK2's HttpBootDxe passes over an
 * offer without it. The enterprise number is Intel's, which EDK2 itself sends (PxeBcDhcp6.h, HttpBootDhcp6.h).
 */
const HTTP_CLIENT = { enterprise: 343, classes: ['HTTPClient'] };

const isHttpClient = ({ message }: Dhcpv6Request): boolean => vendorClassOf(message)?.startsWith('HTTPClient') ?? false;

/** The URL for a client: by its user class, else by its architecture, else the common one. */
function bootFileFor(request: Dhcpv6Request, config: Dhcpv6Config): string | undefined {
  const { userClasses, architecture } = request;
  const { misbehave } = config;
  const other = misbehave['other-architecture'];
  const arch = other === undefined ? architecture : ARCHITECTURES[other];
  const byArchitecture = (files: Readonly<Record<string, string>>): string | undefined =>
    arch === undefined ? undefined : bootFileArchitectures(arch).flatMap((number) => files[number] ?? [])[0];
  const name = userClasses.find((one) => config.userClasses[one] !== undefined);
  const named = name === undefined ? undefined : config.userClasses[name];
  const ofClass = typeof named === 'object' ? byArchitecture(named) : named;
  const url = ofClass ?? byArchitecture(config.bootfiles) ?? config.bootfile;
  // A client of HTTP boot takes no other URL.
  if (url !== undefined && isHttpClient(request) && !/^https?:/i.test(url)) return undefined;
  return misbehave['unusable-url'] === true ? url?.replace(/^[a-z]+:\/\/\[?([^\]/]*)\]?/, '$1') : url;
}
