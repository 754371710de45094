import { networkInterfaces } from 'node:os';
import { ByteWriter } from '../../harness/packet/byte-writer.ts';
import { hex } from '../../harness/packet/text.ts';
import { encodeDhcpv6 } from '../../harness/protocols/dhcpv6/wire/codec.ts';
import { type Duid, writeDuid } from '../../harness/protocols/dhcpv6/wire/duid.ts';
import type { Dhcpv6Message } from '../../harness/protocols/dhcpv6/wire/message.ts';
import { ALL_DHCP_SERVERS } from '../../harness/protocols/dhcpv6/wire/types.ts';
import { endText } from '../service/end-text.ts';
import type { Emit } from '../service/event-lines.ts';
import { isProgram } from '../service/program-file.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { bindUdp, closed, listeningText } from '../service/udp.ts';
import { dhcpv6ConfigSchema, type Dhcpv6Config } from './dhcpv6/config.ts';
import { decide, type ServerIdentity } from './dhcpv6/decision.ts';
import { Dhcpv6Leases } from './dhcpv6/leases.ts';
import { faultsOf } from '../service/faults.ts';
import { misbehave } from './dhcpv6/misbehave.ts';
import { readRequest } from './dhcpv6/request.ts';

/** The DHCPv6 server as a program. */
export const dhcpv6Service: Service<typeof dhcpv6ConfigSchema> = {
  name: 'dhcpv6',
  summary:
    'DHCPv6 server (RFC 8415) for one link, with the boot file URL that UEFI and iPXE clients need (RFC 5970), and misbehaviour on demand.',
  schema: dhcpv6ConfigSchema,
  example: {
    interface: 'eth0',
    range: { from: 'fd77::100', to: 'fd77::1ff' },
    bootfile: 'tftp://[fd77::1]/ipxe.efi',
    bootfiles: { '11': 'tftp://[fd77::1]/ipxe-arm64.efi' },
    userClasses: { iPXE: 'http://[fd77::1]/boot.ipxe' },
    misbehave: { 'drop-every': 3 },
  },
  notes: [
    'Serves the link of one interface; port 547 needs root there, or a network namespace of its own.',
    'Hosts learn from router advertisements (flags M and O) that they are to ask: those are another program’s.',
    'Gives settings alone where no range is configured. Relays are not served.',
  ],
  start: startDhcpv6,
};

/** Starts the DHCPv6 server in this process. */
export async function startDhcpv6(config: Dhcpv6Config, emit: Emit): Promise<Running> {
  const { identity, isLoopback } = interfaceOf(config.interface);
  const leases = new Dhcpv6Leases(config);
  const counters = { received: 0, refused: 0, sent: 0, lost: 0 };
  const delayed = new Set<NodeJS.Timeout>();
  const faults = faultsOf(config.misbehave, emit);
  let replies = 0;

  const socket = await bindUdp({
    address: '::',
    port: config.ports.server,
    emit,
    onDatagram(bytes, from) {
      counters.received += 1;
      const request = readRequest(bytes);
      if (typeof request === 'string') {
        counters.refused += 1;
        const message = `refused a datagram of ${bytes.length} bytes from ${endText(from.address, from.port)}: ${request}`;
        emit({ event: 'error', message });
        return;
      }
      const { event, reply, misbehaved = [] } = decide(request, config, leases, identity);
      emit(event);
      for (const how of misbehaved) faults.came(how);
      if (reply) answer(reply, from.address, isLoopback ? from.port : config.ports.client);
    },
  });
  // The group exists on a link; on loopback clients send to the server itself.
  if (!isLoopback) socket.addMembership(ALL_DHCP_SERVERS, `::%${config.interface}`);

  const answer = (reply: Dhcpv6Message, address: string, port: number): void => {
    const fate = misbehave(reply, ++replies, config.misbehave);
    for (const how of fate.misbehaved) faults.came(how);
    const wait = 'lost' in fate ? 0 : fate.delayMs;
    const lost = 'lost' in fate ? fate.lost : tooMany(wait);
    if (lost !== undefined || 'lost' in fate) {
      counters.lost += 1;
      emit({ event: 'lost', transaction: reply.transaction, message: lost ?? '' });
      return;
    }
    const send = (): void => {
      counters.sent += 1;
      socket.send(encodeDhcpv6(fate.reply), port, address, (error) => {
        if (error) emit({ event: 'error', message: `sending to ${endText(address, port)}: ${error.message}` });
      });
    };
    if (wait === 0) {
      send();
      return;
    }
    const timer = setTimeout(() => {
      delayed.delete(timer);
      send();
    }, wait);
    delayed.add(timer);
  };
  const tooMany = (waitMs: number): string | undefined =>
    waitMs > 0 && delayed.size >= config.limits.delayedReplies
      ? `${delayed.size} replies wait already, the limit is ${config.limits.delayedReplies}`
      : undefined;

  return {
    listening: [listeningText(socket)],
    misbehaves: faults.told,
    counters: () => ({ ...counters, leases: leases.size }),
    stop: async () => {
      for (const timer of delayed) clearTimeout(timer);
      await closed(socket);
    },
  };
}

/** The server's identifier, by the hardware address of its interface. */
function interfaceOf(name: string): { readonly identity: ServerIdentity; readonly isLoopback: boolean } {
  const all = networkInterfaces();
  const own = all[name]?.find(({ family }) => family === 'IPv6');
  if (!own) {
    const known = Object.keys(all).join(', ');
    throw new Error(`interface: expected one with an IPv6 address, got “${name}”; this host has ${known || 'none'}`);
  }
  const duid: Duid = { kind: 'link-layer', hardwareType: 1, address: own.mac };
  const writer = new ByteWriter();
  writeDuid(writer, duid);
  return { identity: { duid, hex: hex(writer.done()) }, isLoopback: own.internal };
}

if (isProgram(import.meta.filename)) await runService(dhcpv6Service);
