import {
  asCooked,
  asCooked2,
  asLoopbackBig,
  asLoopbackLittle,
  asRawIp,
  inErspan1,
  inErspan2,
  inErspan3,
  inGre,
  inGreBridge,
  inIp,
  inVxlan,
} from './encapsulate.ts';

/** A way to hold the IP packet of an Ethernet frame. */
export interface Encapsulation {
  readonly name: string;
  readonly linkType: number;
  readonly as: (ethernet: Uint8Array) => Uint8Array;
  /** What it keeps of the frame's hardware addresses. */
  readonly hardware: 'both' | 'sender' | 'none';
  /** The one version of IP that it holds; absent where it holds either. */
  readonly version?: 4 | 6;
  /** Against its link type's definition, as some programs write it; tshark does not read it. */
  readonly isMistaken?: true;
  /** The tunnels around the packet, outermost first. */
  readonly tunnels?: readonly { readonly protocol: string; readonly id: number | undefined }[];
}

const ETHERNET = 1;

/** Every link type and every tunnel that we take apart, beside Ethernet itself. */
export const ENCAPSULATIONS: readonly Encapsulation[] = [
  { name: 'loopback of a little-endian host', linkType: 0, as: asLoopbackLittle, hardware: 'none' },
  { name: 'loopback of a big-endian host', linkType: 0, as: asLoopbackBig, hardware: 'none' },
  { name: 'OpenBSD loopback', linkType: 108, as: asLoopbackBig, hardware: 'none' },
  {
    name: 'OpenBSD loopback, in the wrong order',
    linkType: 108,
    as: asLoopbackLittle,
    hardware: 'none',
    isMistaken: true,
  },
  { name: 'raw IP', linkType: 101, as: asRawIp, hardware: 'none' },
  { name: 'raw IP of a BSD', linkType: 12, as: asRawIp, hardware: 'none' },
  { name: 'raw IP of OpenBSD', linkType: 14, as: asRawIp, hardware: 'none' },
  { name: 'raw IPv4', linkType: 228, as: asRawIp, hardware: 'none', version: 4 },
  { name: 'raw IPv6', linkType: 229, as: asRawIp, hardware: 'none', version: 6 },
  { name: 'Linux cooked', linkType: 113, as: asCooked, hardware: 'sender' },
  { name: 'Linux cooked v2', linkType: 276, as: asCooked2, hardware: 'sender' },
  ...inTunnels('both', [
    ['VXLAN', inVxlan, { protocol: 'VXLAN', id: 42 }],
    ['GRE that bridges Ethernet', inGreBridge, { protocol: 'GRE', id: undefined }],
    ['ERSPAN type I', inErspan1, { protocol: 'ERSPAN', id: undefined }],
    ['ERSPAN type II', inErspan2, { protocol: 'ERSPAN', id: 100 }],
    ['ERSPAN type III', inErspan3, { protocol: 'ERSPAN', id: 100 }],
    [
      'VXLAN in GRE',
      (ethernet) => inGreBridge(inVxlan(ethernet)),
      { protocol: 'GRE', id: undefined },
      { protocol: 'VXLAN', id: 42 },
    ],
  ]),
  ...inTunnels('none', [
    ['GRE', inGre, { protocol: 'GRE', id: undefined }],
    ['GRE with a key', (ethernet) => inGre(ethernet, 0x1_0007), { protocol: 'GRE', id: 0x1_0007 }],
    ['IP in IP', inIp, { protocol: 'IP in IP', id: undefined }],
  ]),
];

function inTunnels(
  hardware: Encapsulation['hardware'],
  list: readonly (readonly [
    name: string,
    as: Encapsulation['as'],
    ...tunnels: NonNullable<Encapsulation['tunnels']>,
  ])[],
): Encapsulation[] {
  return list.map(([name, as, ...tunnels]) => ({ name, linkType: ETHERNET, as, hardware, tunnels }));
}
