import type { ProtocolEvent } from '../../protocols/events.ts';
import { DhcpFacts } from './dhcp.ts';
import { first, type Fact } from './fact.ts';
import { FileFacts } from './files.ts';
import { ShareFacts } from './share.ts';

/** What the events of one client say about it and about the servers that it met. */
export class CaptureFacts {
  readonly dhcp = new DhcpFacts();
  readonly files = new FileFacts();
  readonly share = new ShareFacts();
  /** The client's own address, where its file requests show it. */
  clientIp: Fact<string> | undefined;

  event(event: ProtocolEvent): void {
    // A lab's services speak IPv4: what came over IPv6 tells nothing of theirs.
    if ('server' in event && event.server.ip.includes(':')) return;
    if (isOf(event, 'dhcp') || isOf(event, 'proxydhcp')) this.dhcp.event(event);
    else if (isOf(event, 'tftp')) {
      this.#talksFrom(event.transfer, event.frame);
      this.files.tftp(event);
    } else if (isOf(event, 'http')) {
      this.#talksFrom(event.connection, event.frame);
      this.files.http(event);
    } else if (isOf(event, 'smb')) this.share.smb(event);
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
}

type Named<P extends string> = Extract<ProtocolEvent, { readonly type: `${P}.${string}` }>;

/** Whether an event is named `protocol.…`. */
function isOf<P extends string>(event: ProtocolEvent, protocol: P): event is Named<P> {
  return event.type.startsWith(`${protocol}.`);
}
