import { encodeTftp } from '../wire/codec.ts';
import type { TftpOption, TftpPacket } from '../wire/message.ts';
import { at, CLIENT, Scene, SERVER, type End } from '../../../observe/testing/scene.ts';

/** A TFTP conversation between the reference trace's client and server. */
export class TftpScene extends Scene {
  client = at(CLIENT, 2070);
  server = at(SERVER, 64_001);

  /** `options` as `name=value` texts. */
  request(filename: string, ...options: string[]): this {
    return this.#send(this.client, at(SERVER, 69), {
      kind: 'tftp',
      op: 'read-request',
      filename,
      mode: 'octet',
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

  data(block: number, length: number, from: 'client' | 'server' = 'server'): this {
    const data = new Uint8Array(length).fill(block & 0xff);
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
