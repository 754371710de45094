import type { FileHandle } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import send from 'send';
import { defined } from '../service/defined.ts';
import { BootRoot } from '../service/boot-root.ts';
import type { Emit } from '../service/event-lines.ts';
import { faultsOf } from '../service/faults.ts';
import { httpConfigSchema, type HttpConfig } from './http/config.ts';
import { decideHttp, type HttpDecision } from './http/decision.ts';
import { messageOf, runService, type Running, type Service } from '../service/service.ts';
import { endText } from '../service/end-text.ts';
import { isProgram } from '../service/program-file.ts';

/** The HTTP server as a program. */
export const httpService: Service<typeof httpConfigSchema> = {
  name: 'http',
  summary:
    'HTTP server for one folder, as UEFI HTTP boot, iPXE and GRUB use it: GET and HEAD, ranges, validators, and misbehaviour on demand.',
  schema: httpConfigSchema,
  example: { address: REFERENCE_LAB.server, root: '/srv/http', misbehave: { 'truncate-after': 65_536 } },
  notes: [
    'Names match in any case and with either slash, as they do over TFTP; nothing outside `root` is served, nor what a link leads out to, nor FIFOs, sockets and devices.',
    'Folders are not listed.',
  ],
  start: startHttp,
};

/** Starts the HTTP server in this process. */
export async function startHttp(config: HttpConfig, emit: Emit): Promise<Running> {
  const root = await BootRoot.open(config.root);
  const counters = { requests: 0, refused: 0, bytes: 0 };
  const faults = faultsOf(config.misbehave, emit);
  const delays = new Set<NodeJS.Timeout>();

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    counters.requests++;
    const startedAtMs = performance.now();
    const sentBefore = request.socket.bytesWritten;
    let reason: string | undefined;
    response.on('close', () => {
      const bytes = request.socket.bytesWritten - sentBefore;
      counters.bytes += bytes;
      if (response.statusCode >= 400) counters.refused++;
      emit({
        event: response.statusCode >= 400 ? 'error' : 'request',
        method: request.method,
        path: request.url?.slice(0, 256),
        client: endText(request.socket.remoteAddress ?? 'gone', request.socket.remotePort ?? 0),
        status: response.statusCode,
        bytes,
        complete: response.writableFinished,
        durationMs: Math.round(performance.now() - startedAtMs),
        message: response.statusCode >= 400 ? (reason ?? (response.statusMessage || 'refused')) : undefined,
      });
    });
    const refused = (refusal: Refusal): void => {
      reason = refusal.message;
      refuse(response, refusal);
    };
    const decision = decideHttp(request.method ?? '', request.url ?? '/', config.misbehave);
    deliver(request, response, decision, refused).catch((error: unknown) =>
      refused({ status: 500, message: messageOf(error) }),
    );
  };

  const deliver = async (
    request: IncomingMessage,
    response: ServerResponse,
    decision: HttpDecision,
    refused: (refusal: Refusal) => void,
  ): Promise<void> => {
    if ('status' in decision) {
      if (decision.misbehaved !== undefined) faults.came(decision.misbehaved);
      refused(decision);
      return;
    }
    // The client may be gone before its file is open.
    const over = new Promise((resolve) => void response.once('close', resolve));
    const found = await root.open(decision.file);
    if ('refused' in found) {
      refused({ status: found.refused === 'forbidden' ? 403 : 404, message: found.reason });
      return;
    }
    void over.then(() => found.handle.close());
    const cut = config.misbehave['truncate-after'];
    if (cut !== undefined) {
      await truncated(request, response, found.handle, cut, () => faults.came('truncate-after'));
      return;
    }
    // `send` opens a path: this one is the file that is open already, whatever happens to its name.
    const stream = send(request, `/proc/self/fd/${found.handle.fd}`, {
      dotfiles: 'allow',
      index: false,
      cacheControl: false,
      etag: config.etag,
    });
    stream.on('headers', () => stream.type(found.path));
    stream.on('error', (error: NodeJS.ErrnoException & { status?: number }) =>
      refused({ status: error.status ?? 500, message: error.message }),
    );
    stream.pipe(response);
  };

  const listen = async (address: string): Promise<Server> => {
    const server = createServer(take);
    server.maxConnections = config.limits.connections;
    server.on('drop', () =>
      emit({ event: 'error', message: `refused a connection: ${config.limits.connections} are open already` }),
    );
    server.on('clientError', (error, socket) => {
      emit({ event: 'error', message: `refused a request: ${error.message}` });
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      else socket.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new Error(`binding ${endText(address, config.port)}/tcp: ${error.message}`, { cause: error })),
      );
      server.listen(config.port, address, resolve);
    });
    return server;
  };
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    if (config.misbehave.delay === undefined) {
      answer(request, response);
      return;
    }
    faults.came('delay');
    const timer = setTimeout(() => {
      delays.delete(timer);
      answer(request, response);
    }, config.misbehave.delay);
    delays.add(timer);
  };
  const servers = await Promise.all([config.address, ...(config.ipv6 === undefined ? [] : [config.ipv6])].map(listen));
  return {
    listening: servers.map(listeningText),
    misbehaves: faults.told,
    counters: () => ({ ...counters }),
    stop: async () => {
      for (const timer of delays) clearTimeout(timer);
      await Promise.all(servers.map(closed));
    },
  };
}

/** `172.22.52.207:80/tcp`, `[fd77::1]:80/tcp`: as the ready line prints it. */
function listeningText(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `${endText(address, port)}/tcp`;
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await done;
}

type Refusal = Extract<HttpDecision, { status: number }>;

function refuse(response: ServerResponse, { status, message, location, allow }: Refusal): void {
  if (response.headersSent) {
    response.destroy(); // too late for another status: the client sees a connection that breaks
    return;
  }
  const body = `${status}: ${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...defined({ location, allow }),
  });
  response.end(body);
}

/** Announces the whole file, sends its beginning and resets the connection. */
async function truncated(
  request: IncomingMessage,
  response: ServerResponse,
  file: FileHandle,
  bytes: number,
  misbehaved: () => void,
): Promise<void> {
  const { size } = await file.stat();
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if (bytes > 0)
    await pipeline(file.createReadStream({ start: 0, end: bytes - 1, autoClose: false }), response, {
      end: bytes >= size,
    });
  if (bytes >= size) return;
  misbehaved();
  if (bytes === 0) response.flushHeaders();
  // An immediate reset would overtake the bytes that the socket has still to write.
  request.socket.write('', () => void request.socket.resetAndDestroy());
}

if (isProgram(import.meta.filename)) await runService(httpService);
