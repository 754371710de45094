import type { HttpEvent } from '../../protocols/http/observe/events.ts';
import type { TftpEvent } from '../../protocols/tftp/observe/events.ts';
import type { TftpOption } from '../../protocols/tftp/wire/message.ts';
import type { Fact } from './fact.ts';

/** A file that the client asked a boot file server for, once. */
export interface AskedFile {
  readonly protocol: 'tftp' | 'http';
  /** The server that was asked. */
  readonly server: string;
  readonly port: number;
  /** The path as the client asked for it; of HTTP without its query. */
  readonly path: string;
  /** Frame and time of the request. */
  readonly frame: number;
  readonly atUs: number;
  /** TFTP: `ip:port>ip:port#frame`. */
  readonly transfer: string;
  /** Options of the request. */
  readonly asked: readonly TftpOption[];
  granted: Fact<readonly TftpOption[]> | undefined;
  /** Time to the first answer. */
  delayMs: Fact<number> | undefined;
  /** Bytes of the file, as its server said or as they came. */
  size: Fact<number> | undefined;
  /** It came whole: its first and its last frame. */
  whole: readonly [first: number, last: number] | undefined;
  /** TFTP's error code or HTTP's status. */
  refused: (Fact<number> & { readonly by: 'client' | 'server'; readonly acknowledged: number }) | undefined;
  /** Blocks that came of a TFTP transfer that did not end, and bytes of either. */
  broken: Fact<{ readonly blocks: number; readonly bytes: number }> | undefined;
  answeredFromPort69: boolean;
}

/** What the client asked boot file servers for, in the order of its requests. */
export class FileFacts {
  readonly files: AskedFile[] = [];
  readonly #tftp = new Map<string, AskedFile>();
  readonly #http = new Map<string, AskedFile>();

  tftp(event: TftpEvent): void {
    if (event.type === 'tftp.write-request') return;
    if (event.type === 'tftp.read-request') {
      if (event.repeated) return;
      this.#tftp.set(event.transfer, this.#began('tftp', event, event.filename, event.transfer, event.options));
      return;
    }
    const file = this.#tftp.get(event.transfer);
    if (file === undefined) return;
    if (event.type !== 'tftp.unfinished') file.delayMs ??= delay(file, event);
    switch (event.type) {
      case 'tftp.option-ack':
        file.granted ??= { value: event.options, frame: event.frame };
        file.size ??= sizeIn(event.options, event.frame);
        return;
      case 'tftp.anomaly':
        if (event.anomaly.kind === 'answer-from-port-69') file.answeredFromPort69 = true;
        return;
      case 'tftp.error':
        file.refused = {
          value: event.code,
          frame: event.frame,
          by: event.by,
          acknowledged: event.acknowledged,
        };
        return;
      case 'tftp.complete':
        file.size = { value: event.figures.bytes, frame: event.figures.lastFrame };
        file.whole = [event.figures.firstFrame, event.figures.lastFrame];
        return;
      case 'tftp.unfinished':
        file.broken = { value: { blocks: event.blocks, bytes: event.figures.bytes }, frame: event.frame };
        return;
      default:
    }
  }

  http(event: HttpEvent): void {
    const key = `${event.connection} ${event.path}`;
    const path = pathOf(event.path);
    if (event.type === 'http.request') {
      this.#http.set(key, this.#began('http', event, path, event.connection, []));
      return;
    }
    const file = this.#http.get(key);
    if (file === undefined) return;
    if (event.type !== 'http.unfinished') file.delayMs ??= delay(file, event);
    if (event.type === 'http.response') {
      if (event.status >= 400)
        file.refused = { value: event.status, frame: event.frame, by: 'server', acknowledged: 0 };
      else if (event.contentLength !== undefined) file.size ??= { value: event.contentLength, frame: event.frame };
    } else if (event.type === 'http.complete' && event.method === 'GET' && event.status < 300) {
      file.size = { value: event.figures.bytes, frame: event.figures.lastFrame };
      file.whole = [event.figures.firstFrame, event.figures.lastFrame];
    } else if (event.type === 'http.unfinished')
      file.broken = { value: { blocks: 0, bytes: event.figures.bytes }, frame: event.frame };
  }

  #began(
    protocol: AskedFile['protocol'],
    { server, frame, atUs }: Pick<TftpEvent, 'server' | 'frame' | 'atUs'>,
    path: string,
    transfer: string,
    asked: readonly TftpOption[],
  ): AskedFile {
    const file: AskedFile = {
      protocol,
      server: server.ip,
      port: server.port,
      path,
      frame,
      atUs,
      transfer,
      asked,
      granted: undefined,
      delayMs: undefined,
      size: undefined,
      whole: undefined,
      refused: undefined,
      broken: undefined,
      answeredFromPort69: false,
    };
    this.files.push(file);
    return file;
  }
}

function delay(file: AskedFile, { atUs, frame }: { readonly atUs: number; readonly frame: number }): Fact<number> {
  return { value: (atUs - file.atUs) / 1000, frame };
}

function sizeIn(options: readonly TftpOption[], frame: number): Fact<number> | undefined {
  const text = options.find(({ name }) => name === 'tsize')?.value;
  return text !== undefined && /^\d{1,15}$/.test(text) ? { value: Number(text), frame } : undefined;
}

/** The path of a request's target, percent-decoded, without its query. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
