import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import type { DhcpConfig } from './config.ts';
import { chooseAddress, mayHave, type LeaseChange, type Leases } from './leases.ts';
import { ackReply, nakReply } from './reply.ts';
import { ACK, DECLINE, DISCOVER, INFORM, OFFER, RELEASE, REQUEST, type DhcpRequest, type Peer } from './request.ts';
import type { ServiceEvent } from '../../service/event-lines.ts';
import { inSubnet, isLoopback } from '../../service/ipv4.ts';

/** What the server does about one message. Without a reply it stays silent, and the event says why. */
export interface DhcpDecision {
  readonly reply?: DhcpDraft;
  readonly to?: Peer;
  readonly changes: readonly LeaseChange[];
  readonly event: ServiceEvent;
  /** The fault that it comes of. */
  readonly misbehaved?: 'nak';
}

// An offer holds its address as long as the slowest client takes to ask for it: EDK2 collects offers for 4 s and then
// asks at 4, 8, 16, 32 s (PxeBcDhcp4.c), 64 s in all.
const OFFER_MS = 64_000;
// RFC 2131 section 4.3.3: a declined address is not available. It is tried again after an hour, in case the other host
// has gone.
const DECLINED_MS = 3_600_000;
/** A BOOTP client keeps its address for good (RFC 1534 section 2). */
const FOREVER = Number.MAX_SAFE_INTEGER;
const UNSET = '0.0.0.0';

/** The decision of a DHCP server about one message (RFC 2131 section 4.3). Pure: the caller applies `changes`. */
export function decide(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const { giaddr } = request.message;
  if (giaddr !== UNSET && !inSubnet(giaddr, config.subnet, config.prefixLength)) {
    return silent(
      request,
      `the relay ${giaddr} is not in ${config.subnet}/${config.prefixLength}, the only subnet of this server`,
    );
  }
  switch (request.type) {
    case undefined:
      return bootp(request, config, leases, nowMs);
    case DISCOVER:
      return discover(request, config, leases, nowMs);
    case REQUEST:
      return requestAddress(request, config, leases, nowMs);
    case DECLINE:
      return decline(request, config, leases, nowMs);
    case RELEASE:
      return release(request, config, leases, nowMs);
    case INFORM:
      return inform(request, config);
    default:
      return silent(request, `message type ${request.type} is for clients`);
  }
}

function discover(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const ip = chooseAddress(request, config, leases, nowMs);
  if (ip === undefined) return exhausted(request, config);
  const held = leases.byIp.get(ip);
  // A client that holds its lease keeps it while it asks anew.
  const keeps = held?.client === request.client && held.state === 'bound' && held.expiresAtMs > nowMs;
  const lease = {
    ip,
    client: request.client,
    mac: request.mac,
    state: 'offered',
    expiresAtMs: nowMs + OFFER_MS,
  } as const;
  return answer(request, config, OFFER, ip, keeps ? [] : [{ set: lease }]);
}

function requestAddress(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const { ciaddr } = request.message;
  const ip = request.requestedIp ?? ciaddr;
  if (request.serverId !== undefined && request.serverId !== config.address) {
    // Selecting (RFC 2131 section 3.1 step 4): the other servers take this as a decline of their offers.
    const offered = leases.byClient.get(request.client);
    return {
      ...silent(request, `the client chose server ${request.serverId}`),
      changes: offered?.state === 'offered' ? [{ drop: offered.ip }] : [],
    };
  }
  if (ip === UNSET) return silent(request, 'expected an address in option 50 or ciaddr of a REQUEST, got neither');
  if (config.misbehave.nak)
    return { ...nak(request, config, ip, 'configured to refuse every REQUEST'), misbehaved: 'nak' };
  if (!inSubnet(ip, config.subnet, config.prefixLength))
    return nak(request, config, ip, `${ip} is not in ${config.subnet}/${config.prefixLength}`);
  const held = leases.byClient.get(request.client);
  const known = held !== undefined && (held.ip === ip || held.expiresAtMs > nowMs);
  // Init-reboot, renewing and rebinding without a record of the client (section 4.3.2): silence, because the lease may
  // be another server's.
  if (request.serverId === undefined && !known && !config.authoritative)
    return silent(request, `no lease of ${ip} for this client`);
  if (known && held.ip !== ip && held.expiresAtMs > nowMs)
    return nak(request, config, ip, `the client holds ${held.ip}`);
  if (!mayHave(request, ip, config, leases, nowMs))
    return nak(request, config, ip, `${ip} is not available to this client`);
  // Selecting without an offer of ours, as after a restart of the server: the address is free, so the client may have
  // it.
  if (!leases.byIp.has(ip) && leases.byIp.size >= config.limits.leases)
    return nak(request, config, ip, `no room for another lease, the limit is ${config.limits.leases}`);
  return answer(request, config, ACK, ip, [bound(request, ip, nowMs + config.leaseSeconds * 1000)]);
}

function bootp(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const ip = chooseAddress(request, config, leases, nowMs);
  return ip === undefined
    ? exhausted(request, config)
    : answer(request, config, undefined, ip, [bound(request, ip, FOREVER)]);
}

function decline(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const ip = request.requestedIp ?? UNSET;
  const lease = leases.byIp.get(ip);
  // Only the holder of an address may decline it, which takes it away from everyone.
  if (request.serverId !== config.address || lease?.client !== request.client)
    return silent(request, `declines ${ip}, which it does not hold from this server`);
  const declined: Lease = {
    ip,
    client: 'declined',
    mac: request.mac,
    state: 'declined',
    expiresAtMs: nowMs + DECLINED_MS,
  };
  return {
    changes: [{ set: declined }],
    event: { event: 'declined', ...about(request), ip, message: `${ip} is in use by someone else, says its client` },
  };
}
type Lease = Extract<LeaseChange, { set: unknown }>['set'];

function release(request: DhcpRequest, config: DhcpConfig, leases: Leases, nowMs: number): DhcpDecision {
  const lease = leases.byIp.get(request.message.ciaddr);
  if (request.serverId !== config.address || lease?.client !== request.client)
    return silent(request, `releases ${request.message.ciaddr}, which it does not hold from this server`);
  // Section 4.3.4: kept as expired, so that the client finds its address again.
  return {
    changes: [{ set: { ...lease, expiresAtMs: nowMs } }],
    event: { event: 'released', ...about(request), ip: lease.ip },
  };
}

function inform(request: DhcpRequest, config: DhcpConfig): DhcpDecision {
  const { ciaddr, giaddr } = request.message;
  if (ciaddr === UNSET && giaddr === UNSET && !isLoopback(request.from.ip))
    return silent(request, 'expected an address in ciaddr of an INFORM, got none');
  return answer(request, config, ACK, undefined, []);
}

function answer(
  request: DhcpRequest,
  config: DhcpConfig,
  type: number | undefined,
  ip: string | undefined,
  changes: readonly LeaseChange[],
): DhcpDecision {
  const name = type === undefined ? 'bootp-reply' : type === OFFER ? 'offer' : 'ack';
  return {
    reply: ackReply(request, config, type, ip),
    to: replyTo(request, config.ports),
    changes,
    event: { event: name, ...about(request), ip },
  };
}

function nak(request: DhcpRequest, config: DhcpConfig, ip: string, reason: string): DhcpDecision {
  const to = replyTo({ ...request, message: { ...request.message, ciaddr: UNSET } }, config.ports);
  return {
    reply: nakReply(request, config, reason),
    to,
    changes: [],
    event: { event: 'nak', ...about(request), ip, message: reason },
  };
}

function exhausted(request: DhcpRequest, config: DhcpConfig): DhcpDecision {
  const range = config.range ? `${config.range.from} to ${config.range.to}` : 'no range, reservations only';
  return {
    changes: [],
    event: { event: 'exhausted', ...about(request), message: `no free address for ${request.mac} (${range})` },
  };
}

const silent = (request: DhcpRequest, message: string): DhcpDecision => ({
  changes: [],
  event: { event: 'ignored', ...about(request), message },
});

const bound = (request: DhcpRequest, ip: string, expiresAtMs: number): LeaseChange => ({
  set: { ip, client: request.client, mac: request.mac, state: 'bound', expiresAtMs },
});

/** What every event says about its client. */
export const about = (request: DhcpRequest): { mac: string; xid: string } => ({
  mac: request.mac,
  xid: `0x${request.message.xid.toString(16).padStart(8, '0')}`,
});

/**
 * Where a reply goes (RFC 2131 section 4.1): the relay; else the address that the client has; else everyone.
 * Unicast to an address that the client does not have yet would need an ARP entry or a raw socket, so the broadcast
 * flag makes no difference here; every client must take the broadcast (section 4.1, last paragraph but two). A request
 * from loopback comes from a test client, which is answered where it is.
 */
export function replyTo(
  request: Pick<DhcpRequest, 'message' | 'from'>,
  ports: { readonly server: number; readonly client: number },
): Peer {
  const { ciaddr, giaddr } = request.message;
  if (isLoopback(request.from.ip)) return request.from;
  if (giaddr !== UNSET) return { ip: giaddr, port: ports.server };
  if (ciaddr !== UNSET) return { ip: ciaddr, port: ports.client };
  return { ip: '255.255.255.255', port: ports.client };
}
