import type { Socket } from 'node:dgram';
import { readRequest } from './dhcp-request.ts';
import { ReplySender } from './dhcp-sender.ts';
import type { Emit } from './event-lines.ts';
import { isLoopback } from './ipv4.ts';
import { proxydhcpConfigSchema, type ProxydhcpConfig } from './proxydhcp-config.ts';
import { decideProxy, type Arrival } from './proxydhcp-decision.ts';
import { runService, type Running, type Service } from './service.ts';
import { bindUdp, closed, listeningText, type OnDatagram } from './udp.ts';

/** The proxyDHCP server as a program. */
export const proxydhcpService: Service<typeof proxydhcpConfigSchema> = {
  name: 'proxydhcp',
  summary: 'ProxyDHCP and PXE boot server (PXE 2.1): tells clients where to boot from, beside a DHCP server that gives them addresses; ports 67 and 4011 separately switchable.',
  schema: proxydhcpConfigSchema,
  example: {
    address: '172.22.52.207',
    port67: true,
    port4011: true,
    bootfile: 'boot\\x86\\wdsnbp.com',
    bootfiles: { '7': 'boot\\x64\\wdsmgfw.efi' },
    padTo: 1024,
    pxeOptions: { discoveryControl: 8 },
  },
  notes: [
    'Answers only clients whose option 60 begins PXEClient, and never a message that names another server.',
    'Answers on port 4011 come from port 4011 and go to the port that asked: 68 for iPXE, 4011 for EDK2.',
    'On the host of a DHCP server set port67 to false and give the DHCP server vendorClass PXEClient: with both on port 67 each gets every broadcast, but only the one bound last gets unicast.',
  ],
  start: startProxydhcp,
};

/** Starts the proxyDHCP server in this process. */
export async function startProxydhcp(config: ProxydhcpConfig, emit: Emit): Promise<Running> {
  const sender = new ReplySender({ misbehave: config.misbehave, padTo: config.padTo, maxDelayed: config.limits.delayedReplies, emit });
  const sockets: Socket[] = [];
  let received = 0;
  let refused = 0;

  // `answering` is the socket bound to the address: replies must come from the port that was asked, and from that address.
  const listen = async (address: string, port: number, arrival: Arrival, answering?: Socket): Promise<Socket> => {
    const onDatagram: OnDatagram = (bytes, from) => {
      received++;
      const request = readRequest(bytes, { ip: from.address, port: from.port });
      if (typeof request === 'string') {
        refused++;
        emit({ event: 'error', message: `refused a datagram of ${bytes.length} bytes from ${from.address}:${from.port}: ${request}` });
        return;
      }
      const decision = decideProxy(request, arrival, config);
      emit(decision.event);
      if (decision.reply && decision.to) sender.send(answering ?? socket, request, decision.reply, decision.to);
    };
    const socket = await bindUdp({ address, port, broadcast: true, reuseAddr: arrival === 'dhcp', emit, onDatagram });
    sockets.push(socket);
    return socket;
  };

  try {
    if (config.port67) {
      const own = await listen(config.address, config.ports.dhcp, 'dhcp');
      if (!isLoopback(config.address)) await listen('0.0.0.0', own.address().port, 'dhcp', own);
    }
    if (config.port4011) await listen(config.address, config.ports.proxy, 'proxy');
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
  return {
    listening: sockets.map(listeningText),
    counters: () => ({ received, refused, sent: sender.sent, lost: sender.lost }),
    stop: async () => {
      sender.stop();
      await Promise.all(sockets.map(closed));
    },
  };
}

if (import.meta.main) await runService(proxydhcpService);
