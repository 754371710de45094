import { DEFAULT_BLKSIZE } from '../protocols/tftp/wire/options.ts';
import { TFTP_PORT } from '../protocols/tftp/wire/ports.ts';
import type { RemoteInfo } from 'node:dgram';
import { createHash } from 'node:crypto';
import type { TftpPacket } from '../protocols/tftp/wire/message.ts';
import { decodeTftp, encodeTftp } from '../protocols/tftp/wire/codec.ts';
import { Datagrams } from './datagrams.ts';
import { GivenUp } from './given-up.ts';

/** A file that a ROM fetched. */
export interface Fetched {
  readonly bytes: number;
  readonly blocks: number;
  readonly sha256: string;
}

/** Block size of the reference trace's ROM, lockstep. */
const BLKSIZE = 1456;
const RESEND_MS = 1000;
const TRIES = 6;

/**
 * Asks for a file's size and gives that transfer up, with the words of the reference trace's ROM. Undefined: the server
 * does not say. Throws GivenUp when it refuses.
 */
export async function probeSize(server: string, path: string): Promise<number | undefined> {
  return transfer(server, path, [{ name: 'tsize', value: '0' }], async (link, first) => {
    await link.send({ kind: 'tftp', op: 'error', code: 0, message: 'TFTP Aborted' });
    return granted(first, 'tsize');
  });
}

/**
 * Fetches a file in lockstep, blksize 1456 (RFC 1350, 2348). Throws GivenUp when the server refuses or falls silent.
 */
export async function fetchFile(server: string, path: string): Promise<Fetched> {
  return transfer(server, path, [{ name: 'blksize', value: String(BLKSIZE) }], async (link, first) => {
    const hash = createHash('sha256');
    const blksize = granted(first, 'blksize') ?? DEFAULT_BLKSIZE;
    let packet: TftpPacket | undefined = first;
    let blocks = 0;
    let bytes = 0;
    if (first.op === 'option-ack') packet = await link.ask({ kind: 'tftp', op: 'ack', block: 0 });
    for (;;) {
      if (packet === undefined) throw new GivenUp(`${path}: ${server} fell silent after block ${blocks}`);
      if (packet.op === 'error') throw refused(path, packet);
      const isNext = packet.op === 'data' && packet.block === ((blocks + 1) & 0xffff);
      if (packet.op === 'data' && isNext) {
        blocks++;
        bytes += packet.data.length;
        hash.update(packet.data);
        if (packet.data.length < blksize) break;
      }
      // A block that came again was acknowledged before: another ACK would double every block from here on (RFC 1123
      // section 4.2.3.1).
      packet = await link.ask({ kind: 'tftp', op: 'ack', block: blocks & 0xffff }, { sent: !isNext });
    }
    await link.send({ kind: 'tftp', op: 'ack', block: blocks & 0xffff });
    return { bytes, blocks, sha256: hash.digest('hex') };
  });
}

interface Link {
  send(packet: TftpPacket): Promise<void>;
  /** Sends, again and again, until the server says something; `sent` spares the first time. */
  ask(packet: TftpPacket, how?: { readonly sent: boolean }): Promise<TftpPacket | undefined>;
}

async function transfer<T>(
  server: string,
  path: string,
  options: readonly { readonly name: string; readonly value: string }[],
  work: (link: Link, first: Exclude<TftpPacket, { op: 'error' }>) => Promise<T>,
): Promise<T> {
  // A port of its own for each transfer: the server sees a new transfer identifier (RFC 1350 section 4).
  const socket = await Datagrams.open(0);
  let peerPort = 0;
  const take = (bytes: Buffer, from: RemoteInfo): TftpPacket | undefined => {
    if (from.address !== server || (peerPort !== 0 && from.port !== peerPort)) return undefined;
    const packet = decodeTftp(bytes);
    if (packet.kind === 'malformed') return undefined;
    peerPort = from.port;
    return packet;
  };
  const link: Link = {
    send: (packet) => socket.send(encodeTftp(packet), peerPort || TFTP_PORT, server),
    async ask(packet, { sent } = { sent: false }) {
      for (let tries = 0; tries < TRIES; tries++) {
        if (!sent || tries > 0) await link.send(packet);
        const answer = await socket.next(performance.now() + RESEND_MS, take);
        if (answer) return answer;
      }
      return undefined;
    },
  };
  try {
    const first = await link.ask({ kind: 'tftp', op: 'read-request', filename: path, mode: 'octet', options });
    if (!first) throw new GivenUp(`${path}: ${server} does not answer on port ${TFTP_PORT}`);
    if (first.op === 'error') throw refused(path, first);
    return await work(link, first);
  } finally {
    socket.close();
  }
}

function granted(first: TftpPacket, name: string): number | undefined {
  const value =
    first.op === 'option-ack' ? first.options.find((option) => option.name.toLowerCase() === name)?.value : undefined;
  return value === undefined ? undefined : Number(value);
}

const refused = (path: string, { code, message }: Extract<TftpPacket, { op: 'error' }>): GivenUp =>
  new GivenUp(`${path}: refused with error ${code}: ${message}`);
