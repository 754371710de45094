import type { Socket } from 'node:dgram';
import { BootRoot } from '../service/boot-root.ts';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import type { Emit } from '../service/event-lines.ts';
import { FileCache } from './tftp/file-cache.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { tftpConfigSchema, type TftpConfig } from './tftp/config.ts';
import { TftpServer } from './tftp/server.ts';
import { bindUdp, closed, listeningText } from '../service/udp.ts';
import { isProgram } from '../service/program-file.ts';

/** The TFTP server as a program. */
export const tftpService: Service<typeof tftpConfigSchema> = {
  name: 'tftp',
  summary:
    'Read-only TFTP server (RFC 1350, 2347, 2348, 2349, 7440, and the variable window of Windows Deployment Services) for one folder, with misbehaviour on demand.',
  schema: tftpConfigSchema,
  example: { address: REFERENCE_LAB.server, root: '/srv/tftp', misbehave: { 'drop-block': [5] } },
  notes: [
    'Names match in any case and with either slash. Of names that differ only in case, the one asked for exactly wins, else the first in byte order.',
    'Nothing outside `root` is served: `..` stops there, and so do links that lead out. FIFOs, sockets and devices are refused.',
    'Every transfer has a port of its own unless `singlePort` is set; `portRange` says which, e.g. 64001 to 65000 as Windows Deployment Services does.',
  ],
  start: startTftp,
};

const MIB = 1024 * 1024;

/** Starts the TFTP server in this process. */
export async function startTftp(config: TftpConfig, emit: Emit): Promise<Running & { readonly server: TftpServer }> {
  const root = await BootRoot.open(config.root);
  const server = new TftpServer(config, { root, cache: new FileCache(config.limits.cacheMiB * MIB), emit });
  const listen = async (address: string): Promise<Socket> => {
    const socket = await bindUdp({
      address,
      port: config.port,
      emit,
      onDatagram: (bytes, from) => server.receive(socket, bytes, from),
    });
    return socket;
  };
  const sockets = await Promise.all([config.address, ...(config.ipv6 === undefined ? [] : [config.ipv6])].map(listen));
  return {
    server,
    listening: sockets.map(listeningText),
    misbehaves: server.faults.told,
    counters: () => ({ ...server.counters, transfers: server.sessions }),
    stop: async () => {
      server.stop();
      await Promise.all(sockets.map(closed));
    },
  };
}

if (isProgram(import.meta.filename)) await runService(tftpService);
