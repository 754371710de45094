import { encodeTftp } from '../wire/codec.ts';
import type { TftpOption, TftpPacket } from '../wire/message.ts';
import { at, CLIENT, Scene, SERVER, type End } from '../../../observe/testing/scene.ts';

/** A TFTP conversation between the reference trace's client and server. */
export class TftpScene extends Scene {
  client = at(CLIENT, 2070);
  server = at(SERVER, 64_001);
  mode = 'octet';

  /** `options` as `name=value` texts. */
  request(filename: string, ...options: string[]): this {
    return this.#send(this.client, at(SERVER, 69), {
      kind: 'tftp',
      op: 'read-request',
      filename,
      mode: this.mode,
      options: parsed(options),
    });
  }

  write(filename: string, ...options: string[]): this {
    return this.#send(this.client, at(SERVER, 69), {
      kind: 'tftp',
      op: 'write-request',
      filename,
      mode: 'octet',
      options: parsed(options),
    });
  }

  optionAck(...options: string[]): this {
    return this.#send(this.server, this.client, { kind: 'tftp', op: 'option-ack', options: parsed(options) });
  }

  /** `begins`: the first bytes of the payload, in the place of filling. */
  data(block: number, length: number, from: 'client' | 'server' = 'server', begins = new Uint8Array(0)): this {
    const data = new Uint8Array(length).fill(block & 0xff);
    data.set(begins.subarray(0, length));
    const packet: TftpPacket = { kind: 'tftp', op: 'data', block, data, dataLength: length };
    return from === 'server'
      ? this.#send(this.server, this.client, packet)
      : this.#send(this.client, this.server, packet);
  }

  ack(block: number, nextWindow?: number): this {
    return this.#send(this.client, this.server, {
      kind: 'tftp',
      op: 'ack',
      block,
      ...(nextWindow === undefined ? {} : { nextWindow }),
    });
  }

  serverAck(block: number): this {
    return this.#send(this.server, this.client, { kind: 'tftp', op: 'ack', block });
  }

  error(code: number, message: string, from: 'client' | 'server' = 'client'): this {
    const packet: TftpPacket = { kind: 'tftp', op: 'error', code, message };
    return from === 'server'
      ? this.#send(this.server, this.client, packet)
      : this.#send(this.client, this.server, packet);
  }

  /** DATA and its ACK for each block from `from` to `to`, all of `length` bytes. */
  lockstep(from: number, to: number, length: number): this {
    for (let block = from; block <= to; block++) this.data(block & 0xffff, length).ack(block & 0xffff);
    return this;
  }

  /** Ports of their own for what comes next, as clients take them for each file. */
  next(): this {
    this.client = { ...this.client, port: this.client.port + 1 };
    this.server = { ...this.server, port: this.server.port + 1 };
    return this;
  }

  /** A file of `length` bytes from the request to the last ACK, its size and block size negotiated; `begins` are its first bytes. */
  transfer(
    filename: string,
    length: number,
    { blksize = 1456, windowsize = 1, tsize = true, begins = new Uint8Array(0) } = {},
  ): this {
    const asked = [`blksize=${blksize}`, ...(windowsize === 1 ? [] : [`windowsize=${windowsize}`])];
    this.next()
      .request(filename, ...asked, ...(tsize ? ['tsize=0'] : []))
      .optionAck(...asked, ...(tsize ? [`tsize=${length}`] : []))
      .ack(0);
    const blocks = Math.floor(length / blksize) + 1;
    for (let block = 1; block <= blocks; block++) {
      this.data(block, block === blocks ? length % blksize : blksize, 'server', block === 1 ? begins : undefined);
      if (block % windowsize === 0 || block === blocks) this.ack(block);
    }
    return this;
  }

  /** The size is asked for, and the transfer given up (frames 22 to 24 of the reference trace's step 1). */
  probe(filename: string, length: number): this {
    return this.next().request(filename, 'tsize=0').optionAck(`tsize=${length}`).error(0, 'TFTP Aborted');
  }

  /** A file of which the server gives `length` bytes instead of the `announced` ones. */
  shortened(filename: string, announced: number, length: number): this {
    const blksize = 1456;
    this.next().request(filename, `blksize=${blksize}`, 'tsize=0');
    this.optionAck(`blksize=${blksize}`, `tsize=${announced}`).ack(0);
    const whole = Math.floor(length / blksize);
    return this.lockstep(1, whole, blksize).lockstep(whole + 1, whole + 1, length % blksize);
  }

  /** The server has no such file. */
  missing(filename: string): this {
    return this.next().request(filename, 'blksize=1456').error(1, 'File not found', 'server');
  }

  #send(from: End, to: End, packet: TftpPacket): this {
    return this.udp(from, to, encodeTftp(packet));
  }
}

function parsed(options: readonly string[]): TftpOption[] {
  return options.map((option) => {
    const [name = '', value = ''] = option.split('=');
    return { name, value };
  });
}
