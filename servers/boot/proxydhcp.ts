import type { Socket } from 'node:dgram';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import { option } from '../../harness/protocols/dhcp/wire/options.ts';
import type { Device } from '../state/device-store.ts';
import type { DhcpRequest } from './dhcp/request.ts';
import { RequestReceiver } from './dhcp/request-receiver.ts';
import { ReplySender } from './dhcp/sender.ts';
import type { Emit } from '../service/event-lines.ts';
import { isLoopback } from '../service/ipv4.ts';
import { proxydhcpConfigSchema, type ProxydhcpConfig } from './proxydhcp/config.ts';
import { decideProxy, type Arrival } from './proxydhcp/decision.ts';
import { messageOf, runService, type Running, type Service } from '../service/service.ts';
import { bindUdp, closed, listeningText } from '../service/udp.ts';
import { DeviceDesk } from './proxydhcp/wds-devices.ts';
import { isProgram } from '../service/program-file.ts';

/** The proxyDHCP server as a program. */
export const proxydhcpService: Service<typeof proxydhcpConfigSchema> = {
  name: 'proxydhcp',
  summary:
    'ProxyDHCP and PXE boot server (PXE 2.1): names boot servers and boot files to clients, beside a DHCP server that gives them addresses; ports 67 and 4011 can be switched separately.',
  schema: proxydhcpConfigSchema,
  example: {
    address: REFERENCE_LAB.server,
    port67: true,
    port4011: true,
    bootfile: 'boot\\x86\\wdsnbp.com',
    bootfiles: { '7': 'boot\\x64\\wdsmgfw.efi' },
    padTo: 1024,
    pxeOptions: { discoveryControl: 8 },
    wds: {
      prompt: 'no-prompt',
      bcd: 'boot\\x86\\default.bcd',
      state: '/var/lib/wds',
      unknown: 'pending',
      approval: { pollIntervalMs: 10_000, retries: 30, message: 'Call the help desk' },
    },
  },
  notes: [
    'Answers only clients whose option 60 begins PXEClient, and never a message that names another server.',
    'Answers on port 4011 come from port 4011 and go to the port that asked: 68 for iPXE, 4011 for EDK2.',
    'wds: answers option 250 of wdsnbp with the next program: by architecture, prompt policy, and what the device store in `state` says about the computer.',
    'On the host of a DHCP server set port67 to false and give the DHCP server vendorClass PXEClient: with both on port 67 each gets every broadcast, but only the one that bound last gets unicast.',
  ],
  start: startProxydhcp,
};

/** Starts the proxyDHCP server in this process. */
export async function startProxydhcp(config: ProxydhcpConfig, emit: Emit): Promise<Running> {
  const sender = new ReplySender({
    misbehave: config.misbehave,
    padTo: config.padTo,
    maxDelayed: config.limits.delayedReplies,
    emit,
  });
  const sockets: Socket[] = [];
  const desk = config.wds?.state === undefined ? undefined : new DeviceDesk(config.wds.state, config.wds, emit);
  let stopped = false;
  const receiver = new RequestReceiver(emit);

  // `answering` is the socket bound to the address: replies must come from the port that was asked, and from that
  // address.
  const listen = async (address: string, port: number, arrival: Arrival, answering?: Socket): Promise<Socket> => {
    const onDatagram = receiver.handler((request) => {
      const answer = (device: Device | undefined): void => {
        if (stopped) return;
        const decision = decideProxy(request, arrival, config, device);
        emit(decision.event);
        if (decision.misbehaved !== undefined) sender.faults.came(decision.misbehaved);
        if (decision.reply && decision.to) sender.send(answering ?? socket, request, decision.reply, decision.to);
      };
      if (!desk) {
        answer(undefined);
        return;
      }
      void desk
        .consult(request, polls(request, arrival))
        .then((device) => {
          if (device !== 'failed') answer(device);
        })
        .catch((error: unknown) => emit({ event: 'error', message: `answering ${request.mac}: ${messageOf(error)}` }));
    });
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
    misbehaves: sender.faults.told,
    counters: () => ({ received: receiver.received, refused: receiver.refused, sent: sender.sent, lost: sender.lost }),
    stop: async () => {
      stopped = true;
      sender.stop();
      await Promise.all([...sockets.map(closed), desk?.idle()]);
    },
  };
}

/** Whether a boot program asks for the decision about its computer, and not a ROM for a boot file. */
function polls(request: DhcpRequest, arrival: Arrival): boolean {
  return (
    arrival === 'proxy' && request.vendorClass.startsWith('PXEClient') && option(request.message, 250) !== undefined
  );
}

if (isProgram(import.meta.filename)) await runService(proxydhcpService);
