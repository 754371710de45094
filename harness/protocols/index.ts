import { arp } from './arp/index.ts';
import { dhcp } from './dhcp/index.ts';
import { dhcpv6 } from './dhcpv6/index.ts';
import { http } from './http/index.ts';
import { icmp } from './icmp/index.ts';
import { igmp } from './igmp/index.ts';
import { isakmp } from './isakmp/index.ts';
import { kerberos } from './kerberos/index.ts';
import { multicast } from './multicast/index.ts';
import { ndp } from './ndp/index.ts';
import { ntlm } from './ntlm/index.ts';
import { restic } from './restic/index.ts';
import { rpc } from './rpc/index.ts';
import { smb } from './smb/index.ts';
import { tcp } from './tcp/index.ts';
import { tftp } from './tftp/index.ts';
import { tls } from './tls/index.ts';
import { wds } from './wds/index.ts';
import { wim } from './wim/index.ts';

/**
 * Every protocol that pxewright knows. An event goes to the rooms that hear it in this order, so that a carrier's step
 * comes before those of what it carries; bytes and TCP ports are claimed in this order, too.
 */
export const PROTOCOLS = [
  arp,
  // Before ICMP, which claims every message of ICMPv6.
  ndp,
  icmp,
  igmp,
  dhcp,
  dhcpv6,
  tftp,
  tcp,
  tls,
  // Before HTTP, which claims every request.
  restic,
  http,
  ntlm,
  kerberos,
  smb,
  rpc,
  wds,
  wim,
  isakmp,
  multicast,
] as const;
