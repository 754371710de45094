import type { Tape } from '../../../observe/testing/scene.ts';
import { HttpScene } from '../../http/testing/scene.ts';
import { encodeResticTarget, type ResticAction, type ResticRange, type ResticTarget } from '../wire/codec.ts';
import { RESTIC_PORT } from '../wire/ports.ts';
import { encodeResticList, encodeResticRange, resticMediaType } from './encode.ts';

const METHODS: Readonly<Record<ResticAction, string>> = {
  create: 'POST',
  list: 'GET',
  stat: 'HEAD',
  load: 'GET',
  save: 'POST',
  remove: 'DELETE',
};

/** An object's SHA-256 in these stories: one of 64 equal digits. */
export const idOf = (digit: string): string => digit.repeat(64);

/** Bytes of a pack, as a server has them. */
const PACK_BYTES = 5000;

type Kind = ResticTarget['kind'];

/** A run of restic on one connection, request by request. Further connections share its tape. */
export class ResticScene extends HttpScene {
  repository = '';
  /** Headers of every answer. */
  answerHeaders: readonly string[] = [];

  constructor(tape?: Tape, clientPort?: number, serverPort: number = RESTIC_PORT) {
    super(tape, serverPort, clientPort);
  }

  override respond(status: string, headers: readonly string[], body?: Uint8Array | string): this {
    return super.respond(status, [...headers, ...this.answerHeaders], body);
  }

  asks(action: ResticAction, kind: Kind, id?: string, range?: ResticRange): this {
    const { repository } = this;
    const target = {
      repository,
      kind,
      ...(id === undefined ? {} : { id }),
      ...(action === 'create' ? { create: true as const } : {}),
    };
    const headers = [`Accept: ${resticMediaType(2)}`, ...(range ? [`Range: ${encodeResticRange(range)}`] : [])];
    return this.ask(METHODS[action], encodeResticTarget(target), ...headers);
  }

  /** What any server answers without a body of interest. */
  answers(status = '200 OK', bytes = 0): this {
    return this.respond(status, [`Content-Length: ${bytes}`], new Uint8Array(bytes));
  }

  stats(kind: Kind, status = '200 OK'): this {
    return this.asks('stat', kind).respond(status, ['Content-Length: 155']);
  }

  lists(kind: Kind, ...ids: readonly string[]): this {
    const list = encodeResticList(
      ids.map((name) => ({ name, bytes: PACK_BYTES })),
      2,
    );
    const headers = [`Content-Type: ${resticMediaType(2)}`, `Content-Length: ${list.length}`];
    return this.asks('list', kind).respond('200 OK', headers, list);
  }

  loads(kind: Kind, id?: string, range: ResticRange = { first: 0 }, status = '206 Partial Content'): this {
    const bytes = (range.last ?? range.first + 99) - range.first + 1;
    return this.asks('load', kind, id, range).answers(status, status.startsWith('2') ? bytes : 10);
  }

  /** The request of a save, with its body. */
  sends(kind: Kind, id?: string, bytes = 200): this {
    const { repository } = this;
    const target = encodeResticTarget({ repository, kind, ...(id === undefined ? {} : { id }) });
    return this.ask('POST', target, `Accept: ${resticMediaType(2)}`, `Content-Length: ${bytes}`).bytes(
      true,
      new Uint8Array(bytes),
    );
  }

  saves(kind: Kind, id?: string, status = '200 OK'): this {
    return this.sends(kind, id).answers(status);
  }

  removes(kind: Kind, id: string, status = '200 OK'): this {
    return this.asks('remove', kind, id).answers(status);
  }

  /** The store is opened with its one key. */
  opens(): this {
    return this.connect()
      .stats('config')
      .lists('keys', idOf('1'))
      .loads('keys', idOf('1'))
      .loads('config', undefined, { first: 0 }, '200 OK');
  }

  /** A lock is placed; `others` are there before. */
  locks(id = idOf('a'), ...others: readonly string[]): this {
    this.lists('locks', ...others);
    for (const other of others) this.loads('locks', other);
    return this.saves('locks', id).lists('locks', ...others, id);
  }

  unlocks(id = idOf('a')): this {
    return this.removes('locks', id);
  }
}
