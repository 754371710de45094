import { type Conversation, type Conversations, type Judging, tell } from '../../base/judge/conversations.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import { isOfExchange } from '../../icmp/judge/exchange.ts';
import type { IcmpEvent } from '../../icmp/observe/events.ts';
import type { TftpEvent } from '../../tftp/observe/events.ts';
import type { DhcpEvent } from '../observe/events.ts';
import { dhcpMachine } from './machine.ts';
import { BOOT_SERVER_PORT, DHCP_SERVER_PORT } from '../wire/ports.ts';
import type { ProxyContext } from './proxydhcp-steps.ts';
import { endText } from '../../base/observe/flow-ends.ts';
import { proxydhcpMachine } from './proxydhcp-machine.ts';
import { isOfBootProgram } from './wds-facts.ts';
import { wdsnbpMachine } from './wdsnbp-machine.ts';

/** A client has one conversation of each kind: the whole of its DHCP, of its boot servers, of its WDS boot program. */
const ONLY = '';

/** Getting an address, finding a boot server, and what the boot program of WDS asks that server. */
export const dhcpJudging: Judging<DhcpEvent | TftpEvent | IcmpEvent, 'dhcp' | 'proxydhcp' | 'wdsnbp'> = {
  machines: {
    dhcp: { logic: dhcpMachine },
    proxydhcp: { logic: proxydhcpMachine, input: ({ option250 }) => option250 },
    wdsnbp: { logic: wdsnbpMachine, input: ({ option250 }) => option250 },
  },
  hears: ['dhcp', 'proxydhcp', 'tftp', 'icmp'],
  route(event, conversations) {
    const proxy = conversations.find('proxydhcp', ONLY);
    if (event.type === 'icmp.unreachable')
      return [proxy, conversations.find('dhcp', ONLY)].flatMap((asking) =>
        asking?.state === 'requesting' && isRefused(asking, event) ? asking.send(event) : [],
      );
    // A client that loads a file waits for no boot server any more.
    if ('transfer' in event) return event.type === 'tftp.read-request' ? tell(proxy, event) : [];
    switch (event.type) {
      case 'dhcp.discover':
      case 'dhcp.offer':
        return [...conversations.get('proxydhcp', ONLY).send(event), ...conversations.get('dhcp', ONLY).send(event)];
      case 'proxydhcp.offer':
        return [...toBootServers(event, conversations), ...conversations.get('dhcp', ONLY).send(event)];
      case 'proxydhcp.request':
      case 'proxydhcp.ack':
        return toBootServers(event, conversations);
      default:
        return proxy && answersProxy(event, proxy) ? proxy.send(event) : conversations.get('dhcp', ONLY).send(event);
    }
  },
};

/** Whether an error is about the question that is open: to a boot server, or to the server of the lease. */
function isRefused({ kind, context }: Conversation, event: IcmpEvent): boolean {
  const client = endText(event.byClient ? event.sender : event.receiver);
  return kind === 'proxydhcp'
    ? isOfExchange(event, {
        client,
        serverIp: (context as ProxyContext).askedIp,
        serverPorts: [BOOT_SERVER_PORT, DHCP_SERVER_PORT],
      })
    : isOfExchange(event, {
        client,
        serverIp: event.byClient ? event.receiver.ip : event.sender.ip,
        serverPorts: [DHCP_SERVER_PORT],
      });
}

function toBootServers(event: DhcpEvent, conversations: Conversations<'proxydhcp' | 'wdsnbp'>): StepDraft[] {
  return [
    ...conversations.get('proxydhcp', ONLY).send(event),
    ...(isOfBootProgram(event.message) ? conversations.get('wdsnbp', ONLY).send(event) : []),
  ];
}

/** An answer to the request on port 4011 that the boot server sent from port 67: it grants no address. */
function answersProxy(event: DhcpEvent, proxy: Conversation): boolean {
  return event.type === 'dhcp.ack' && event.message.yiaddr === '0.0.0.0' && proxy.state === 'requesting';
}
