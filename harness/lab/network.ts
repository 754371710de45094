import { execa } from 'execa';
import type { HostPlan, Plan } from '../plan/plan.ts';
import type { Task } from './task.ts';

/** The one bridge of a lab; the capture listens here and sees every frame. */
export const BRIDGE = 'br0';

/** Name of the tap of the n-th client, counted from 0. */
export function tapName(index: number): string {
  return `tap${index}`;
}

/** Network namespace of the n-th client when it is a program and no VM; also the bridge's end of its cable. */
export function playedHost(index: number): string {
  return `client-${index}`;
}

/**
 * `ip -batch` input for the lab's own namespace: bridge, one veth pair a host and a played client, one tap a VM.
 * No spanning tree and no forward delay: a port forwards at once. Multicast snooping off, or the bridge drops groups
 * nobody joined.
 */
export function bridgeBatch(plan: Pick<Plan, 'hosts' | 'clients'>): string {
  const lines = [
    'link set lo up',
    `link add ${BRIDGE} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    ...plan.hosts.flatMap((host) => cable(host.name, host.mac)),
    ...plan.clients.flatMap((client, index) =>
      client.plays === undefined
        ? [`tuntap add dev ${tapName(index)} mode tap`, `link set ${tapName(index)} master ${BRIDGE} up`]
        : cable(playedHost(index), client.mac),
    ),
    `link set ${BRIDGE} up`,
  ];
  return `${lines.join('\n')}\n`;
}

function cable(name: string, mac: string): string[] {
  return [
    `netns add ${name}`,
    `link add ${name} type veth peer name eth0 address ${mac} netns ${name}`,
    `link set ${name} master ${BRIDGE} up`,
  ];
}

/**
 * `ip -batch` input for a played client's namespace: no address before DHCP gave one, and a way for broadcasts without
 * it.
 */
export function playedBatch(): string {
  return 'link set lo up\nlink set eth0 up\nroute add 255.255.255.255/32 dev eth0\n';
}

/** `ip -batch` input for one host's namespace: its addresses, and a route for limited broadcasts (255.255.255.255). */
export function hostBatch(host: HostPlan, prefixLength: number): string {
  const lines = [
    'link set lo up',
    `addr add ${host.ip}/${prefixLength} brd + dev eth0`,
    // Nobody else has it: a search for a duplicate would keep services from it for a second.
    ...(host.ipv6 === undefined ? [] : [`addr add ${host.ipv6}/64 dev eth0 nodad`]),
    'link set eth0 up',
    'route add 255.255.255.255/32 dev eth0',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * The network of a lab. Nothing to take down: it ends with the namespaces. IPv6 is off where no scenario asks for it, or
 * the hosts' own ND and MLD frames would be in every capture.
 */
export function networkTask(plan: Pick<Plan, 'hosts' | 'clients' | 'network'>): Task {
  return {
    title: `bridge ${BRIDGE}: ${[...plan.hosts.map((host) => host.ip), ...plan.clients.map((client) => client.name)].join(', ')}`,
    async setup() {
      await execa('sh', ['-e'], { input: networkScript(plan) });
    },
  };
}

/** All of it as one script: for this process to start a program takes more time than the program. */
function networkScript(plan: Pick<Plan, 'hosts' | 'clients' | 'network'>): string {
  const played = plan.clients.flatMap((client, index) => (client.plays === undefined ? [] : [playedHost(index)]));
  return [
    DISABLE_IPV6,
    withInput('ip -batch -', bridgeBatch(plan)),
    ...plan.hosts.map((host) =>
      inNamespace(
        host.name,
        hostBatch(host, plan.network.prefixLength),
        host.ipv6 === undefined ? DISABLE_IPV6 : PLAIN_IPV6,
      ),
    ),
    ...played.map((name) => inNamespace(name, playedBatch(), DISABLE_IPV6)),
  ].join('\n');
}

const DISABLE_IPV6 =
  'for f in all default eth0; do echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6 2>/dev/null || :; done';

/**
 * A host of IPv6 that has its link-local address at once, and takes nothing from routers: services join groups, and
 * radvd advertises, before a search for duplicates would be over.
 */
const PLAIN_IPV6 =
  'for f in all default eth0; do for s in accept_dad=0 dad_transmits=0 accept_ra=0 router_solicitations=0; do echo ${s#*=} >/proc/sys/net/ipv6/conf/$f/${s%=*} 2>/dev/null || :; done; done';

/** Gives an interface of the lab's own namespace an IPv6 address, which `networkTask` has switched off there. */
export async function addIpv6(device: string, address: string): Promise<void> {
  const settings = ['accept_dad', 'accept_ra', 'disable_ipv6'].map(
    (name) => `echo 0 >/proc/sys/net/ipv6/conf/${device}/${name}`,
  );
  await execa('sh', ['-ec', `${settings.join('; ')}; ip addr add ${address}/64 dev ${device} nodad`]);
}

/**
 * Without segmentation offload the capture sees frames as a wire would carry them and not the kernel's 64 KiB ones,
 * which it would have to reserve a slot of that size for each, so that a burst on a busy host overruns its buffer (2
 * 000 slots instead of 80 000). Off in the device and not by gso_max_segs: TCP then still makes large packets, which
 * the kernel cuts and hands over in one go, and smbd serves an image faster.
 */
function inNamespace(name: string, batch: string, ipv6: string): string {
  const commands = `${ipv6}; ethtool -K eth0 tso off gso off >/dev/null && exec ip -batch -`;
  return withInput(`nsenter --net=/run/netns/${name} -- sh -c '${commands}'`, batch);
}

/** A shell's command with these lines as its standard input. */
function withInput(command: string, lines: string): string {
  return `${command} <<'END'\n${lines}END`;
}
