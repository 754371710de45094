import { encodeUtf16 } from '../../../packet/text.ts';
import type { Tape } from '../../../observe/testing/scene.ts';
import { joinBytes } from '../../../packet/bytes.ts';
import { TcpScene } from '../../tcp/testing/scene.ts';

const COMMANDS = {
  negotiate: 0,
  sessionSetup: 1,
  treeConnect: 3,
  treeDisconnect: 4,
  create: 5,
  close: 6,
  read: 8,
  write: 9,
  ioctl: 11,
  cancel: 12,
  echo: 13,
  setInfo: 17,
} as const;
type Command = keyof typeof COMMANDS;

/** Options of one SMB2 header. */
export interface HeaderOptions {
  readonly messageId?: number;
  readonly status?: number;
  readonly async?: boolean;
  readonly related?: boolean;
  readonly treeId?: number;
  readonly sessionId?: number;
}

export const STATUS = {
  success: 0,
  pending: 0x103,
  moreProcessing: 0xc000_0016,
  endOfFile: 0xc000_0011,
  notFound: 0xc000_0034,
  dfsNotFound: 0xc000_0225,
  accessDenied: 0xc000_0022,
  sharingViolation: 0xc000_0043,
  logonFailure: 0xc000_006d,
  accountDisabled: 0xc000_0072,
  diskFull: 0xc000_007f,
  shareUnknown: 0xc000_00cc,
  accountLocked: 0xc000_0234,
} as const;
/** FileId of the n-th file that a scene opens. */
export const fileIdOf = (n: number): Uint8Array => new Uint8Array(16).fill(n);
const RELATED_FILE = new Uint8Array(16).fill(0xff);

/**
 * An SMB2 conversation on port 445: messages in compounds, sent as TCP segments, so that a test reads like the
 * conversation and not like its packets.
 */
export class SmbScene extends TcpScene {
  #nextId = 0;

  constructor(tape?: Tape, clientPort?: number) {
    super(tape, 445, clientPort);
  }

  /** Sends messages as one compound from the client; returns the id of the first. */
  request(...messages: Message[]): number {
    const first = this.#nextId;
    this.#send(
      true,
      messages.map((message, i) => ({ ...message, options: { messageId: first + i, ...message.options } })),
    );
    this.#nextId += messages.length;
    return first;
  }

  /**
   * Answers with messages as one compound; ids count up from `messageId`, by default that of the last single request.
   */
  response(messageId: number, ...messages: Message[]): this {
    this.#send(
      false,
      messages.map((message, i) => ({ ...message, options: { messageId: messageId + i, ...message.options } })),
    );
    return this;
  }

  /** One request and its answer. */
  exchange(ask: Message, answer: Message): this {
    return this.response(this.request(ask), answer);
  }

  #send(fromClient: boolean, messages: readonly Message[]): void {
    const parts = messages.map((message, i) => {
      const body = message.body;
      const padded =
        i < messages.length - 1 ? joinBytes([body, new Uint8Array((8 - ((64 + body.length) % 8)) % 8)]) : body;
      return joinBytes([
        header(message.command, !fromClient, i < messages.length - 1 ? 64 + padded.length : 0, message.options ?? {}),
        padded,
      ]);
    });
    const compound = joinBytes(parts);
    this.bytes(
      fromClient,
      joinBytes([
        Uint8Array.of(0, compound.length >>> 16, (compound.length >>> 8) & 0xff, compound.length & 0xff),
        compound,
      ]),
    );
  }
}

/** One message of a compound, without its header. */
export interface Message {
  readonly command: Command;
  readonly body: Uint8Array;
  readonly options?: HeaderOptions;
}

/** Requests by name. */
export const ask = {
  negotiate: (...dialects: number[]): Message => ({
    command: 'negotiate',
    body: pack(
      [36, 2],
      [dialects.length, 2],
      [1, 2],
      [0, 2],
      [0, 4],
      new Uint8Array(16),
      [0, 8],
      ...dialects.map((dialect): Field => [dialect, 2]),
    ),
  }),
  sessionSetup: (token: Uint8Array): Message => ({
    command: 'sessionSetup',
    body: pack([25, 2], [0, 1], [1, 1], [0, 4], [0, 4], [64 + 24, 2], [token.length, 2], [0, 8], token),
    // NTLMSSP's NEGOTIATE, or an initial token of GSS-API: there is no session yet.
    options: token[8] === 1 || token[0] === 0x60 ? { sessionId: 0 } : {},
  }),
  treeConnect: (path: string): Message => ({
    command: 'treeConnect',
    body: pack([9, 2], [0, 2], [64 + 8, 2], [path.length * 2, 2], encodeUtf16(path)),
  }),
  create: (name: string): Message => ({
    command: 'create',
    body: pack(
      [57, 2],
      [0, 2],
      [2, 4],
      [0, 8],
      [0, 8],
      [1, 4],
      [0, 4],
      [7, 4],
      [1, 4],
      [0, 4],
      [64 + 56, 2],
      [name.length * 2, 2],
      [0, 4],
      [0, 4],
      encodeUtf16(name),
      [0, 1],
    ),
  }),
  close: (file: Uint8Array = RELATED_FILE): Message => ({
    command: 'close',
    body: pack([24, 2], [0, 2], [0, 4], file),
  }),
  read: (file: Uint8Array, offset: number, length: number): Message => ({
    command: 'read',
    body: pack([49, 2], [0, 2], [length, 4], [offset, 8], file, [0, 4], [0, 4], [0, 4], [0, 4], [0, 1]),
  }),
  write: (file: Uint8Array, offset: number, data: Uint8Array): Message => ({
    command: 'write',
    body: pack([49, 2], [64 + 48, 2], [data.length, 4], [offset, 8], file, [0, 4], [0, 4], [0, 4], [0, 4], data),
  }),
  rename: (file: Uint8Array, name: string): Message => ({
    command: 'setInfo',
    body: pack(
      [33, 2],
      [1, 1],
      [10, 1],
      [20 + name.length * 2, 4],
      [64 + 32, 2],
      [0, 2],
      [0, 4],
      file,
      [0, 8],
      [0, 8],
      [name.length * 2, 4],
      encodeUtf16(name),
    ),
  }),
  dfsReferral: (path: string): Message => ({
    command: 'ioctl',
    body: pack(
      [57, 2],
      [0, 2],
      [0x0006_0194, 4],
      RELATED_FILE,
      [64 + 56, 4],
      [path.length * 2 + 4, 4],
      [0, 4],
      [0, 4],
      [0, 4],
      [4096, 4],
      [1, 4],
      [0, 4],
      [4, 2],
      encodeUtf16(path),
      [0, 2],
    ),
  }),
  echo: (): Message => ({ command: 'echo', body: pack([4, 2], [0, 2]) }),
  cancel: (messageId: number): Message => ({ command: 'cancel', body: pack([4, 2], [0, 2]), options: { messageId } }),
  treeDisconnect: (): Message => ({ command: 'treeDisconnect', body: pack([4, 2], [0, 2]) }),
};

/** Responses by name. */
export const answer = {
  negotiate: (dialect: number): Message => ({
    command: 'negotiate',
    body: pack(
      [65, 2],
      [1, 2],
      [dialect, 2],
      [0, 2],
      new Uint8Array(16),
      [0, 4],
      [1 << 20, 4],
      [1 << 20, 4],
      [1 << 20, 4],
      [0, 8],
      [0, 8],
      [64 + 64, 2],
      [0, 2],
      [0, 4],
      [0, 1],
    ),
  }),
  sessionSetup: (token: Uint8Array, status = 0): Message => ({
    command: 'sessionSetup',
    body: pack([9, 2], [0, 2], [64 + 8, 2], [token.length, 2], token),
    options: { status },
  }),
  treeConnect: (treeId: number, shareType = 1): Message => ({
    command: 'treeConnect',
    body: pack([16, 2], [shareType, 1], [0, 1], [0, 4], [0, 4], [0, 4]),
    options: { treeId },
  }),
  create: (file: Uint8Array, endOfFile: number, directory = false): Message => ({
    command: 'create',
    body: pack(
      [89, 2],
      [0, 1],
      [0, 1],
      [1, 4],
      new Uint8Array(32),
      [endOfFile, 8],
      [endOfFile, 8],
      [directory ? 0x10 : 0x80, 4],
      [0, 4],
      file,
      [0, 4],
      [0, 4],
      [0, 1],
    ),
  }),
  close: (): Message => ({ command: 'close', body: pack([60, 2], [0, 2], [0, 4], new Uint8Array(52)) }),
  read: (data: Uint8Array): Message => ({
    command: 'read',
    body: pack([17, 2], [80, 1], [0, 1], [data.length, 4], [0, 4], [0, 4], data),
  }),
  write: (count: number): Message => ({ command: 'write', body: pack([17, 2], [0, 2], [count, 4], [0, 4], [0, 4]) }),
  rename: (): Message => ({ command: 'setInfo', body: pack([2, 2]) }),
  refused: (command: Command, status: number): Message => ({
    command,
    body: pack([9, 2], [0, 2], [0, 4], [0, 1]),
    options: { status },
  }),
  pending: (command: Command): Message => ({
    command,
    body: pack([9, 2], [0, 2], [0, 4], [0, 1]),
    options: { status: STATUS.pending, async: true },
  }),
  echo: (): Message => ({ command: 'echo', body: pack([4, 2], [0, 2]) }),
  treeDisconnect: (): Message => ({ command: 'treeDisconnect', body: pack([4, 2], [0, 2]) }),
};

/** A little-endian number of so many bytes, or bytes as they are. */
type Field = readonly [value: number, bytes: number] | Uint8Array;

function pack(...fields: Field[]): Uint8Array {
  return joinBytes(
    fields.map((field) =>
      field instanceof Uint8Array
        ? field
        : Uint8Array.from({ length: field[1] }, (_, i) => Math.floor(field[0] / 256 ** i) % 256),
    ),
  );
}

function header(
  command: Command,
  response: boolean,
  nextCommand: number,
  { messageId = 0, status = 0, async = false, related = false, treeId = 5, sessionId = 0x99 }: HeaderOptions,
): Uint8Array {
  const flags = (response ? 1 : 0) | (async ? 2 : 0) | (related ? 4 : 0);
  const owner: Field[] = async
    ? [[7, 8]]
    : [
        [0, 4],
        [treeId, 4],
      ];
  return pack(
    Uint8Array.of(0xfe, 0x53, 0x4d, 0x42),
    [64, 2],
    [1, 2],
    [status, 4],
    [COMMANDS[command], 2],
    [1, 2],
    [flags, 4],
    [nextCommand, 4],
    [messageId, 8],
    ...owner,
    [sessionId, 8],
    new Uint8Array(16),
  );
}

/** Minimal NTLMSSP messages (MS-NLMP section 2.2.1). */
export const ntlm = {
  negotiate: (): Uint8Array => pack(SIGNATURE, [1, 4], [0x6008_8215, 4], [0, 8], [0, 8]),
  challenge: (target: string): Uint8Array =>
    pack(
      SIGNATURE,
      [2, 4],
      [target.length * 2, 2],
      [target.length * 2, 2],
      [48, 4],
      [0x6289_8215, 4],
      new Uint8Array(8),
      [0, 8],
      [0, 8],
      encodeUtf16(target),
    ),
  authenticate: (domain: string, user: string): Uint8Array => {
    const [d, u] = [domain.length * 2, user.length * 2];
    return pack(
      SIGNATURE,
      [3, 4],
      [0, 8],
      [24, 2],
      [24, 2],
      [64 + d + u, 4],
      [d, 2],
      [d, 2],
      [64, 4],
      [u, 2],
      [u, 2],
      [64 + d, 4],
      [0, 8],
      [0, 8],
      [0x6289_8215, 4],
      encodeUtf16(domain),
      encodeUtf16(user),
      new Uint8Array(24),
    );
  },
};

const SIGNATURE = Uint8Array.from('NTLMSSP\0', (letter) => letter.charCodeAt(0));
