import { at, CLIENT, type End, Scene, SERVER, type Tape } from '../../../observe/testing/scene.ts';

/** A TCP connection: what goes over it as a stream becomes segments of at most `segmentBytes`. */
export class TcpScene extends Scene {
  client: End;
  server: End;
  segmentBytes = 1460;
  #clientSequence = 1000;
  #serverSequence = 0xffff_fff0;

  constructor(tape?: Tape, serverPort = 80, clientPort = 49_164) {
    super(tape);
    this.client = at(CLIENT, clientPort);
    this.server = at(SERVER, serverPort);
  }

  connect(): this {
    this.syn();
    this.tcp(this.server, this.client, 'SA', this.#serverSequence, this.#clientSequence + 1);
    this.#clientSequence += 1;
    this.#serverSequence = (this.#serverSequence + 1) >>> 0;
    return this.tcp(this.client, this.server, 'A', this.#clientSequence, this.#serverSequence);
  }

  /** The client asks for the connection and gets no answer. */
  syn(): this {
    return this.tcp(this.client, this.server, 'S', this.#clientSequence, 0);
  }

  /** The client asks for the connection, and the server refuses it. */
  refused(): this {
    return this.syn().tcp(this.server, this.client, 'RA', 0, this.#clientSequence + 1);
  }

  /** The server ends the connection at once. */
  reset(): this {
    return this.tcp(this.server, this.client, 'RA', this.#serverSequence, this.#clientSequence);
  }

  /** Both sides end the connection, one after the other. */
  disconnect(first: 'client' | 'server' = 'client'): this {
    const [client, server] = [this.#clientSequence, this.#serverSequence];
    if (first === 'server')
      return this.tcp(this.server, this.client, 'FA', server, client).tcp(
        this.client,
        this.server,
        'FA',
        client,
        server + 1,
      );
    return this.tcp(this.client, this.server, 'FA', client, server).tcp(
      this.server,
      this.client,
      'FA',
      server,
      client + 1,
    );
  }

  /** Bytes of the server that the capture does not hold. */
  missed(bytes: number): this {
    this.#serverSequence = (this.#serverSequence + bytes) >>> 0;
    return this;
  }

  /** Raw stream bytes, in segments. */
  bytes(fromClient: boolean, stream: Uint8Array): this {
    for (let at = 0; at < stream.length; at += this.segmentBytes) {
      const segment = stream.slice(at, at + this.segmentBytes);
      if (fromClient) {
        this.tcp(this.client, this.server, 'PA', this.#clientSequence, this.#serverSequence, segment);
        this.#clientSequence = (this.#clientSequence + segment.length) >>> 0;
      } else {
        this.tcp(this.server, this.client, 'PA', this.#serverSequence, this.#clientSequence, segment);
        this.#serverSequence = (this.#serverSequence + segment.length) >>> 0;
      }
    }
    return this;
  }
}
