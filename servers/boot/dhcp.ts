import { dhcpConfigSchema, type DhcpConfig } from './dhcp/config.ts';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import { decide } from './dhcp/decision.ts';
import { LeaseTable } from './dhcp/leases.ts';
import { RequestReceiver } from './dhcp/request-receiver.ts';
import { ReplySender } from './dhcp/sender.ts';
import type { Emit } from '../service/event-lines.ts';
import { isLoopback } from '../service/ipv4.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { bindUdp, closed, listeningText } from '../service/udp.ts';
import { isProgram } from '../service/program-file.ts';

/** The DHCP server as a program. */
export const dhcpService: Service<typeof dhcpConfigSchema> = {
  name: 'dhcp',
  summary:
    'DHCP and BOOTP server (RFC 2131, 2132, 4578) for one subnet, with the options that PXE, UEFI HTTP and iPXE clients need to boot, and misbehaviour on demand.',
  schema: dhcpConfigSchema,
  example: {
    address: REFERENCE_LAB.dhcp,
    subnet: REFERENCE_LAB.subnet,
    prefixLength: REFERENCE_LAB.prefixLength,
    range: { from: '172.22.52.100', to: '172.22.52.199' },
    reservations: [{ mac: '52:54:00:22:52:de', ip: REFERENCE_LAB.client, hostname: 'pc' }],
    router: REFERENCE_LAB.dhcp,
    nextServer: REFERENCE_LAB.server,
    bootfile: 'boot\\x86\\wdsnbp.com',
    bootfiles: { '7': 'boot\\x64\\wdsmgfw.efi' },
    misbehave: { 'drop-every': 3 },
  },
  notes: [
    'Runs in a network namespace of its own with one interface; port 67 needs root there.',
    'Broadcast replies leave from a socket bound to `address`: Linux then picks the interface by that address and needs no route to 255.255.255.255.',
    'Replies to clients without an address are always broadcast; unicast to them would need raw sockets or ARP entries.',
    'With a loopback `address` the server listens on loopback only, and replies go back to the sender of the request.',
  ],
  start: startDhcp,
};

/** Starts the DHCP server in this process. */
export async function startDhcp(config: DhcpConfig, emit: Emit): Promise<Running & { readonly leases: LeaseTable }> {
  const leases = new LeaseTable();
  const sender = new ReplySender({
    misbehave: config.misbehave,
    padTo: config.replies.padTo,
    maxDelayed: config.limits.delayedReplies,
    emit,
  });
  const receiver = new RequestReceiver(emit);
  const onDatagram = receiver.handler((request) => {
    const decision = decide(request, config, leases, performance.timeOrigin + performance.now());
    leases.applyChanges(decision.changes);
    emit(decision.event);
    if (decision.misbehaved !== undefined) sender.faults.came(decision.misbehaved);
    if (decision.reply && decision.to) sender.send(own, request, decision.reply, decision.to);
  });

  // Unicast arrives at the socket bound to the address, and everything is sent from it; broadcasts arrive only at one
  // bound to any.
  const own = await bindUdp({
    address: config.address,
    port: config.ports.server,
    broadcast: true,
    reuseAddr: true,
    emit,
    onDatagram,
  });
  const sockets = [own];
  if (!isLoopback(config.address)) {
    try {
      sockets.push(
        await bindUdp({
          address: '0.0.0.0',
          port: own.address().port,
          broadcast: true,
          reuseAddr: true,
          emit,
          onDatagram,
        }),
      );
    } catch (error) {
      own.close();
      throw error;
    }
  }
  return {
    leases,
    listening: sockets.map(listeningText),
    misbehaves: sender.faults.told,
    counters: () => ({
      received: receiver.received,
      refused: receiver.refused,
      sent: sender.sent,
      lost: sender.lost,
      leases: leases.byIp.size,
    }),
    stop: async () => {
      sender.stop();
      await Promise.all(sockets.map(closed));
    },
  };
}

if (isProgram(import.meta.filename)) await runService(dhcpService);
