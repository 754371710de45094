import { type Host, Scene } from '../../../observe/testing/scene.ts';
import { ICMPV6 } from '../../../packet/icmp.ts';
import { NDP_HOP_LIMIT, type NdpMessage, type NdpOption } from '../wire/message.ts';
import { encodeNdp } from './encode.ts';

const EVERY_NODE: Host = { mac: '33:33:00:00:00:01', ip: 'ff02::1' };
const EVERY_ROUTER: Host = { mac: '33:33:00:00:00:02', ip: 'ff02::2' };

/** What a router says; all of it has a default. */
export type RouterWords = Partial<
  Omit<Extract<NdpMessage, { readonly type: 'router-advertisement' }>, 'kind' | 'type'>
>;

/** Neighbour discovery of a synthetic capture; the hosts' addresses are IPv6 texts. */
export class NdpScene extends Scene {
  /** Who has `target`? With `::` as its address, a host looks for a duplicate. */
  solicit(from: Host, target: string): this {
    return this.ndp(from, solicitedNode(target), {
      kind: 'ndp',
      code: 0,
      type: 'neighbour-solicitation',
      target,
      options: from.ip === '::' ? [] : [{ kind: 'source-link-layer', mac: from.mac }],
    });
  }

  /** `owner` has its address; everybody is told where nobody asked by an address. */
  advertise(owner: Host, to?: Host): this {
    return this.ndp(owner, to ?? EVERY_NODE, {
      kind: 'ndp',
      code: 0,
      type: 'neighbour-advertisement',
      target: owner.ip,
      router: false,
      solicited: to !== undefined,
      override: true,
      options: [{ kind: 'target-link-layer', mac: owner.mac }],
    });
  }

  routerSolicit(from: Host): this {
    return this.ndp(from, EVERY_ROUTER, { kind: 'ndp', code: 0, type: 'router-solicitation', options: [] });
  }

  routerAdvertise(router: Host, words: RouterWords = {}, prefix: NdpOption = PREFIX): this {
    return this.ndp(router, EVERY_NODE, {
      kind: 'ndp',
      code: 0,
      type: 'router-advertisement',
      hopLimit: 64,
      managed: true,
      other: true,
      lifetimeSeconds: 1800,
      reachableMs: 0,
      retransMs: 0,
      options: [prefix],
      ...words,
    });
  }

  ndp(from: Host, to: Host, message: NdpMessage, hopLimit = NDP_HOP_LIMIT): this {
    return this.ip6(from, to, ICMPV6, encodeNdp(message), hopLimit);
  }
}

const PREFIX: NdpOption = {
  kind: 'prefix',
  prefix: 'fd77::',
  length: 64,
  onLink: true,
  autonomous: false,
  validSeconds: 1800,
  preferredSeconds: 1800,
};

/** The group of an address's last 24 bits (RFC 4291 section 2.7.1); enough of it for addresses such as `fd77::100`. */
function solicitedNode(target: string): Host {
  const low = parseInt(target.split(':').at(-1) ?? '0', 16);
  return {
    mac: `33:33:ff:00:${(low >> 8).toString(16).padStart(2, '0')}:${(low & 255).toString(16).padStart(2, '0')}`,
    ip: `ff02::1:ff00:${low.toString(16)}`,
  };
}
