import type { Endpoint } from '../../protocols/base/observe/seen.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import { DhcpFacts } from './dhcp.ts';
import { Dhcpv6Facts } from './dhcpv6.ts';
import { first, type Fact } from './fact.ts';
import { FileFacts } from './files.ts';
import { RouterFacts } from './routers.ts';
import { ShareFacts } from './share.ts';

/** What the events of one client say about it and about the servers that it met. */
export class CaptureFacts {
  readonly dhcp = new DhcpFacts();
  readonly dhcpv6 = new Dhcpv6Facts();
  readonly routers = new RouterFacts();
  readonly files = new FileFacts();
  readonly share = new ShareFacts();
  /** The client's own address, where its file requests show it. */
  clientIp: Fact<string> | undefined;
  /** IPv6 addresses of file servers by the hardware address that they answer from. */
  readonly ipv6Hosts = new Map<string, string>();

  event(event: ProtocolEvent): void {
    if (isOf(event, 'dhcp') || isOf(event, 'proxydhcp')) this.dhcp.event(event);
    else if (isOf(event, 'dhcpv6')) this.dhcpv6.event(event);
    else if (isOf(event, 'ndp')) this.routers.event(event);
    else if (isOf(event, 'tftp')) {
      this.#talksFrom(event.transfer, event.frame);
      this.#talksTo(event.server);
      this.files.tftp(event);
    } else if (isOf(event, 'http')) {
      this.#talksFrom(event.connection, event.frame);
      this.#talksTo(event.server);
      this.files.http(event);
    } else if (isOverIpv6(event)) return;
    else if (isOf(event, 'smb')) this.share.smb(event);
    else if (isOf(event, 'wim')) this.share.wim(event);
    else if (isOf(event, 'ntlm')) this.share.ntlm(event);
    else if (isOf(event, 'kerberos')) this.share.kerberos(event);
    else if (isOf(event, 'rpc')) this.share.rpc(event);
    else if (isOf(event, 'wds')) this.share.wds(event);
  }

  /** `conversation`: `ip:port>ip:port`, the client's end first. */
  #talksFrom(conversation: string, frame: number): void {
    const [, ip] = /^(\d+\.\d+\.\d+\.\d+):\d+>/.exec(conversation) ?? [];
    this.clientIp = first(this.clientIp, ip, frame);
  }

  #talksTo({ mac, ip }: Endpoint): void {
    if (ip.includes(':') && !this.ipv6Hosts.has(mac)) this.ipv6Hosts.set(mac, ip);
  }
}

/** A lab's other services speak IPv4: what came over IPv6 tells nothing of theirs. */
const isOverIpv6 = (event: ProtocolEvent): boolean => 'server' in event && event.server.ip.includes(':');

type Named<P extends string> = Extract<ProtocolEvent, { readonly type: `${P}.${string}` }>;

/** Whether an event is named `protocol.…`. */
function isOf<P extends string>(event: ProtocolEvent, protocol: P): event is Named<P> {
  return event.type.startsWith(`${protocol}.`);
}
