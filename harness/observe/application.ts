import type { Frame } from '../packet/frame.ts';
import { HttpSession } from '../protocols/http/observe/session.ts';
import { KERBEROS_PORT } from '../protocols/kerberos/observe/observer.ts';
import { KerberosSession } from '../protocols/kerberos/observe/session.ts';
import { beginsPdu } from '../protocols/rpc/observe/framing.ts';
import { RpcSession, type RpcHooks } from '../protocols/rpc/observe/session.ts';
import { OpaqueReader, type StreamReader } from '../protocols/tcp/observe/stream-reader.ts';
import { SmbSession } from '../protocols/smb/observe/session.ts';
import { beginsSmb, SMB_BEGINNING_LENGTH } from '../protocols/smb/wire/header.ts';
import type { TcpConnection } from '../protocols/tcp/observe/connection.ts';
import type { WimFiles } from '../protocols/wim/observe/files.ts';

/** SMB over TCP, and over NetBIOS sessions (MS-SMB2 section 2.1). */
const SMB_PORTS = new Set([445, 139]);
/**
 * RPC: the endpoint mapper (MS-RPCE section 2.1.1.1) and the WDS control service, where Windows puts it
 * (harness/docs/protocols.md 4.2).
 */
const RPC_PORTS = new Set([135, 5040]);
/** Bytes that tell an application: SMB's, which suffice for a PDU's header and for a method and a space, too. */
const SIGNATURE_BYTES = SMB_BEGINNING_LENGTH;

/** What the connections of one client share. */
export interface ApplicationHooks extends RpcHooks {
  readonly files: WimFiles;
}

/**
 * Gives a connection its application: SMB, Kerberos and RPC by port, others by the client's first bytes. `fromStart`:
 * the capture holds the handshake, so that both streams begin with a message.
 */
export function detectApplication(connection: TcpConnection, fromStart: boolean, hooks: ApplicationHooks): void {
  const { files, endpoints, emit } = hooks;
  const { ip, port } = connection.identity.server;
  if (SMB_PORTS.has(port)) {
    connection.serve(new SmbSession(connection, files, fromStart, emit));
    return;
  }
  if (port === KERBEROS_PORT) {
    connection.serve(new KerberosSession(connection, emit));
    return;
  }
  if (RPC_PORTS.has(port) || endpoints.has(ip, port)) {
    connection.serve(new RpcSession(connection, fromStart, hooks));
    return;
  }
  connection.toServer.reader = new FirstBytes((bytes) => {
    if (beginsSmb(bytes)) connection.serve(new SmbSession(connection, files, fromStart, emit));
    else if (beginsPdu(bytes)) connection.serve(new RpcSession(connection, fromStart, hooks));
    else if (isHttp(bytes)) connection.serve(new HttpSession(connection, emit));
    else connection.toServer.reader = new OpaqueReader();
  });
}

/** Waits for the first bytes of a stream, and has them read by whoever takes its place. */
class FirstBytes implements StreamReader {
  readonly need = SIGNATURE_BYTES;
  readonly #decide: (bytes: Uint8Array) => void;

  constructor(decide: (bytes: Uint8Array) => void) {
    this.#decide = decide;
  }

  read(bytes: Uint8Array, _frame: Frame): number {
    this.#decide(bytes);
    return 0;
  }

  skipped(): void {
    // asked for nothing
  }

  lost(): void {
    // the next bytes will do
  }
}

/** A method of capital letters and a space (RFC 9112 section 3). */
function isHttp(bytes: Uint8Array): boolean {
  const space = bytes.subarray(0, SIGNATURE_BYTES).indexOf(0x20);
  return space >= 3 && bytes.subarray(0, space).every((byte) => byte >= 0x41 && byte <= 0x5a);
}
