import { SERVER } from '../../../observe/testing/scene.ts';
import { ntlmExchange } from '../../../observe/testing/reference-trace/ntlm-exchange.ts';
import {
  acceptedToken,
  authenticateToken,
  challengeToken,
  negotiateToken,
} from '../../../observe/testing/reference-trace/spnego-tokens.ts';
import { answer, ask, fileIdOf, SmbScene, STATUS } from './scene.ts';

const EXCHANGE = ntlmExchange(`cifs/${SERVER.ip}`, 400, false);
const NO_TOKEN = new Uint8Array(0);
const TREES = { ipc: 1, share: 5 } as const;
/** Most bytes of one READ or WRITE (MaxReadSize of SMB 2.0). */
const CHUNK = 65_536;

/** A visit to the share of images: logon by NTLM in SPNEGO, shares, files one after the other. */
export class VisitScene extends SmbScene {
  #files = 0;
  /** The file that is open: its id and its bytes. */
  #open: { readonly id: Uint8Array; readonly bytes: Uint8Array } = { id: NO_TOKEN, bytes: NO_TOKEN };

  /** NEGOTIATE and SESSION_SETUP; `status` is that of the server's last answer. */
  logon(status: number = STATUS.success): this {
    return this.exchange(ask.negotiate(0x0202, 0x0210), answer.negotiate(0x0210))
      .challenged()
      .exchange(
        ask.sessionSetup(authenticateToken(EXCHANGE)),
        answer.sessionSetup(status === STATUS.success ? acceptedToken(EXCHANGE) : NO_TOKEN, status),
      );
  }

  /** The first leg of SESSION_SETUP: NTLM's NEGOTIATE and CHALLENGE. */
  challenged(): this {
    return this.exchange(
      ask.sessionSetup(negotiateToken(EXCHANGE)),
      answer.sessionSetup(challengeToken(EXCHANGE), STATUS.moreProcessing),
    );
  }

  /** TREE_CONNECT to IPC$, and over it the question whether the share is elsewhere. */
  referral(share = 'REMINST'): this {
    return this.exchange(ask.treeConnect(`\\\\${SERVER.ip}\\IPC$`), answer.treeConnect(TREES.ipc, 2)).exchange(
      { ...ask.dfsReferral(`\\${SERVER.ip}\\${share}`), options: { treeId: TREES.ipc } },
      { ...answer.refused('ioctl', STATUS.dfsNotFound), options: { status: STATUS.dfsNotFound, treeId: TREES.ipc } },
    );
  }

  /** TREE_CONNECT to the share. */
  mount(share = 'REMINST', status: number = STATUS.success): this {
    return this.exchange(
      ask.treeConnect(`\\\\${SERVER.ip}\\${share}`),
      status === STATUS.success ? answer.treeConnect(TREES.share) : answer.refused('treeConnect', status),
    );
  }

  /** Opens a file of the share; what is read, written, renamed and closed next is this one. */
  opens(path: string, bytes: Uint8Array = NO_TOKEN): this {
    this.#open = { id: fileIdOf(++this.#files), bytes };
    return this.exchange(ask.create(path), answer.create(this.#open.id, bytes.length));
  }

  /** Asks for a file that it does not get. */
  misses(path: string, status: number = STATUS.notFound): this {
    return this.exchange(ask.create(path), answer.refused('create', status));
  }

  /** Reads a range of the open file, by default all of it. */
  reads(start = 0, end = this.#open.bytes.length): this {
    const { id, bytes } = this.#open;
    for (let at = start; at < end; at += CHUNK)
      this.exchange(
        ask.read(id, at, Math.min(CHUNK, end - at)),
        answer.read(bytes.slice(at, Math.min(at + CHUNK, end))),
      );
    return this;
  }

  readRefused(offset: number, status: number = STATUS.endOfFile, length = CHUNK): this {
    return this.exchange(ask.read(this.#open.id, offset, length), answer.refused('read', status));
  }

  writes(offset: number, data: Uint8Array): this {
    return this.exchange(ask.write(this.#open.id, offset, data), answer.write(data.length));
  }

  writeRefused(status: number, length = CHUNK): this {
    return this.exchange(ask.write(this.#open.id, 0, new Uint8Array(length)), answer.refused('write', status));
  }

  renames(to: string, status: number = STATUS.success): this {
    return this.exchange(
      ask.rename(this.#open.id, to),
      status === STATUS.success ? answer.rename() : answer.refused('setInfo', status),
    );
  }

  closes(): this {
    return this.exchange(ask.close(this.#open.id), answer.close());
  }
}
