import type { DhcpMessage } from '../../dhcp/wire/message.ts';
import type { Malformed } from '../../../packet/malformed.ts';
import type { TftpEvent } from '../../tftp/observe/events.ts';

/** An IPv4 or IPv6 endpoint as seen on the wire. */
export interface Endpoint {
  readonly mac: string;
  readonly ip: string;
  readonly port: number;
}

/** What every event carries: which frame, when, whose. */
export interface Seen {
  /** Number of the frame that completed the event. */
  readonly frame: number;
  /** Capture time of that frame, microseconds since the epoch. */
  readonly atUs: number;
  /** MAC address of the client that this event belongs to, lowercase with colons. */
  readonly client: string;
}

/** Latencies of one transfer's request/response pairs, microseconds. */
export interface RttUs {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What a bulk meter knows at the end of a transfer. */
export interface TransferFigures {
  readonly bytes: number;
  readonly durationUs: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly retransmissions: number;
  readonly rttUs: RttUs;
}

export type ArpEvent = Seen & {
  readonly type: 'arp.request' | 'arp.reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetIp: string;
  /** Gratuitous: sender and target address are the same. */
  readonly gratuitous: boolean;
};

/**
 * DHCP by message type. `proxydhcp.*` when the exchange is with a boot server and not for an address: an OFFER whose
 * yiaddr is zero and whose option 60 begins `PXEClient`, and everything to or from port 4011 (PXE 2.1,
 * harness/docs/protocols.md 1.2).
 */
export type DhcpEvent = Seen & {
  readonly type:
    | 'dhcp.discover'
    | 'dhcp.offer'
    | 'dhcp.request'
    | 'dhcp.decline'
    | 'dhcp.ack'
    | 'dhcp.nak'
    | 'dhcp.release'
    | 'dhcp.inform'
    | 'proxydhcp.offer'
    | 'proxydhcp.request'
    | 'proxydhcp.ack'
    | 'dhcp.other';
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly message: DhcpMessage;
};

/** TCP facts that explain an application's silence; `connection` is `ip:port>ip:port`, client first. */
interface TcpSeen extends Seen {
  readonly connection: string;
  readonly server: Endpoint;
}
export type TcpEvent = TcpSeen &
  (
    | { readonly type: 'tcp.syn'; readonly repeated: boolean }
    | { readonly type: 'tcp.established' }
    | { readonly type: 'tcp.reset'; readonly by: 'client' | 'server' }
    | { readonly type: 'tcp.closed' }
    | {
        readonly type: 'tcp.disorder';
        /** Once, when the connection is over: segments that came twice. */
        readonly repeated: number;
        /** Segments that came after their turn: reordered, or lost and sent again. */
        readonly late: number;
      }
    | {
        readonly type: 'tcp.lost';
        /** Bytes that the capture never saw and that the stream skipped. */
        readonly bytes: number;
        readonly by: 'client' | 'server';
      }
  );

export type HttpEvent = TcpSeen &
  (
    | {
        readonly type: 'http.request';
        readonly method: string;
        readonly path: string;
        readonly host?: string;
        readonly range?: string;
      }
    | {
        readonly type: 'http.response';
        readonly status: number;
        readonly path: string;
        readonly contentLength?: number;
        readonly location?: string;
      }
    | {
        readonly type: 'http.complete';
        readonly method: string;
        readonly path: string;
        readonly status: number;
        readonly figures: TransferFigures;
      }
    | {
        readonly type: 'http.unfinished';
        /** Request without an answer, or body that did not come to its end. */
        readonly reason: string;
        readonly method: string;
        readonly path: string;
        readonly status?: number;
        readonly figures: TransferFigures;
      }
  );

/**
 * `status` is the NTSTATUS, `statusName` its name or hex. `path` is relative to the share, backslashes, as the client
 * wrote it.
 */
export type SmbEvent = TcpSeen &
  (
    | { readonly type: 'smb.negotiate-request'; readonly smb1: boolean; readonly dialects: readonly string[] }
    | {
        readonly type: 'smb.negotiate-response';
        readonly dialect: string;
        readonly status: number;
        readonly statusName: string;
        /** 0x02ff: the answer to the SMB1 front door, a second negotiate follows. */
        readonly wildcard: boolean;
        readonly requestFrame: number;
      }
    | { readonly type: 'smb.session-setup-request'; readonly authentication: 'ntlm' | 'kerberos' | 'unknown' }
    | {
        readonly type: 'smb.session-setup-response';
        readonly status: number;
        readonly statusName: string;
        readonly guest: boolean;
        readonly requestFrame: number;
      }
    | { readonly type: 'smb.tree-connect-request'; readonly path: string }
    | {
        readonly type: 'smb.tree-connect-response';
        readonly path: string;
        readonly status: number;
        readonly statusName: string;
        readonly shareType: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.dfs-referral';
        readonly path: string;
        readonly status: number;
        readonly statusName: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.open';
        readonly path: string;
        readonly share: string;
        readonly status: number;
        readonly statusName: string;
        readonly directory: boolean;
        readonly endOfFile: number;
        readonly fileId: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.first-read';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
      }
    | {
        readonly type: 'smb.read-refused';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
        /** As the open said; 0 when the capture did not show it. */
        readonly endOfFile: number;
        readonly status: number;
        readonly statusName: string;
      }
    | {
        readonly type: 'smb.close';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly status: number;
        readonly statusName: string;
        /** Present when the open read anything. */
        readonly figures?: TransferFigures;
        readonly reads: number;
        /** Bytes read so far of this file, over all opens, each counted once. */
        readonly distinctBytes?: number;
        readonly endOfFile: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.first-write';
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
      }
    | {
        readonly type: 'smb.write-refused';
        /** Once for each open: the first WRITE that was refused. */
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly offset: number;
        readonly length: number;
        readonly status: number;
        readonly statusName: string;
      }
    | {
        readonly type: 'smb.rename';
        /** A file got another name; `path` is the one that it was opened by. */
        readonly path: string;
        readonly to: string;
        readonly replaceIfExists: boolean;
        readonly share: string;
        readonly fileId: string;
        readonly status: number;
        readonly statusName: string;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'smb.write';
        /** Once for each open that wrote, when it is closed or given up: `bytes` is their sum. */
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly bytes: number;
        readonly writes?: number;
        readonly figures?: TransferFigures;
      }
    | {
        readonly type: 'smb.other';
        /**
         * A command that no machine judges, by name (`echo`, `query-info`, …); refused ones only when status says so.
         */
        readonly command: string;
        readonly status: number;
        readonly statusName: string;
      }
    | {
        readonly type: 'smb.unfinished';
        /** An open that read or wrote and was never closed. */
        readonly reason: string;
        readonly path: string;
        readonly share: string;
        readonly fileId: string;
        readonly figures?: TransferFigures;
        readonly reads: number;
        /** Bytes read so far of this file, over all opens, each counted once. */
        readonly distinctBytes?: number;
        readonly endOfFile: number;
      }
    | {
        readonly type: 'smb.opaque';
        /** From here on, messages of this connection cannot be read. */
        readonly why: 'encrypted' | 'compressed';
      }
    | {
        readonly type: 'smb.anomaly';
        /**
         * A message that does not fit the ones before it (MS-SMB2 sections 3.2.5.1 and 3.3.5.2), in words: expected and
         * got.
         */
        readonly reason: string;
      }
    | {
        readonly type: 'smb.retried';
        /** A request sent again or a response without a request: MessageId reuse. */
        readonly reason: string;
      }
  );

export type NtlmEvent = TcpSeen &
  (
    | { readonly type: 'ntlm.negotiate'; readonly flags: number; readonly carrier: 'smb' | 'rpc' }
    | {
        readonly type: 'ntlm.challenge';
        readonly flags: number;
        readonly targetName: string;
        readonly carrier: 'smb' | 'rpc';
      }
    | {
        readonly type: 'ntlm.authenticate';
        readonly domain: string;
        readonly user: string;
        readonly workstation: string;
        readonly anonymous: boolean;
        readonly carrier: 'smb' | 'rpc';
        /** Whether the password is the one that the observer was told for this user; absent when it was told none. */
        readonly passwordFits?: boolean;
      }
  );

/**
 * Kerberos (RFC 4120) as far as it goes unencrypted. `carrier`: how it came, `smb` inside a session setup. `user` is
 * the client principal without its realm, `service` the one that a ticket is for.
 */
export type KerberosEvent = Seen & { readonly server: Endpoint; readonly carrier: 'udp' | 'tcp' | 'smb' } & (
    | {
        readonly type: 'kerberos.as-request' | 'kerberos.tgs-request';
        readonly user?: string;
        readonly realm: string;
        readonly service?: string;
        readonly encryptionTypes: readonly string[];
        /** It proves that the client has the password (or, by TGS, nothing: the ticket does). */
        readonly preAuthenticated: boolean;
      }
    | {
        readonly type: 'kerberos.as-reply' | 'kerberos.tgs-reply';
        readonly user: string;
        readonly realm: string;
        readonly service: string;
        readonly encryptionType: string;
      }
    | { readonly type: 'kerberos.ap-request'; readonly service: string; readonly realm: string }
    | {
        readonly type: 'kerberos.error';
        /** The exchange that it answers. */
        readonly during: 'as' | 'tgs' | 'ap';
        readonly code: number;
        readonly codeName: string;
        readonly user?: string;
        readonly realm: string;
        readonly service?: string;
        readonly text?: string;
        /** Of Windows' and Samba's extended error. */
        readonly ntStatus?: number;
        readonly ntStatusName?: string;
      }
  );

/** What a call over RPC was protected by. `user` is `DOMAIN\\user` of its security context, empty without one. */
interface RpcProtectionSeen {
  readonly user: string;
  /** Authentication level (MS-RPCE section 2.2.1.1.8): 1 none, 5 integrity, 6 privacy. */
  readonly level: number;
  /** Encrypted on the wire, whether or not the observer could read it. */
  readonly sealed: boolean;
}

/** A request or a response, put together from its fragments. */
interface RpcCallSeen extends RpcProtectionSeen {
  readonly callId: number;
  /** Where its first fragment was; `frame` has the last one. */
  readonly firstFrame: number;
  readonly fragments: number;
  /** Length of the stub. */
  readonly bytes: number;
}

/**
 * DCE/RPC over TCP (C706 chapter 12, MS-RPCE). `interface` is a name (`WDS control`, `endpoint mapper`) or a UUID,
 * empty where the capture does not hold the bind; `requestFrame` is 0 where it does not hold the request.
 */
export type RpcEvent = TcpSeen &
  (
    | {
        readonly type: 'rpc.bind' | 'rpc.alter-context';
        readonly callId: number;
        readonly interface: string;
        readonly version: string;
        readonly level: number;
      }
    | {
        readonly type: 'rpc.bind-answer' | 'rpc.alter-context-answer';
        readonly callId: number;
        readonly interface: string;
        readonly version: string;
        readonly level: number;
        /** 0 accepted; else the first refusal's (C706 section 12.6.3.1). */
        readonly result: number;
        readonly reason: number;
        /** BIND_NAK: no association at all. */
        readonly refusedAssociation: boolean;
        readonly maxTransmit: number;
        readonly maxReceive: number;
        readonly requestFrame: number;
      }
    | { readonly type: 'rpc.auth3'; readonly callId: number; readonly user: string; readonly level: number }
    | (RpcCallSeen & { readonly type: 'rpc.request'; readonly interface: string; readonly opnum: number })
    | (RpcCallSeen & {
        readonly type: 'rpc.response';
        readonly interface: string;
        readonly opnum: number;
        readonly requestFrame: number;
      })
    | {
        readonly type: 'rpc.fault';
        readonly callId: number;
        readonly interface: string;
        readonly opnum: number;
        /** Of a WDS request that could be read. */
        readonly operation: string;
        readonly user: string;
        readonly status: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'rpc.endpoint-map';
        readonly callId: number;
        /** The interface that was asked for. */
        readonly interface: string;
        readonly version: string;
        readonly ip: string;
        /** 0 when the mapper knows none. */
        readonly port: number;
        readonly status: number;
        readonly requestFrame: number;
      }
    | {
        readonly type: 'rpc.other';
        /** A PDU that is none of the above: `cancel`, `orphaned`, `shutdown`, `type-99`. */
        readonly name: string;
        readonly by: 'client' | 'server';
      }
    | {
        readonly type: 'rpc.anomaly';
        /** A PDU that does not fit the ones before it, in words: expected and got. */
        readonly reason: string;
      }
  );

/** A variable of a WDS packet as a step's detail shows it. */
export type WdsValues = Readonly<Record<string, string | number>>;

/**
 * The WDS control protocol (MS-WDSC section 2.2.1). `service` and `operation` are empty where the packet is sealed and
 * could not be read.
 */
export type WdsEvent = TcpSeen &
  RpcCallSeen & { readonly service: string; readonly operation: string; readonly values: WdsValues } & (
    | { readonly type: 'wds.request'; readonly opcode?: number }
    | {
        readonly type: 'wds.reply';
        /** 0, or a Windows error code; absent where the reply could not be read. */
        readonly errorCode?: number;
        readonly requestFrame: number;
      }
  );

/** A message of ISAKMP or AuthIP on UDP port 500 (RFC 2408 section 3.1, MS-AIPS section 2.2.1). */
export type IsakmpEvent = Seen & {
  readonly type: 'isakmp.message';
  /** e.g. `AuthIP main mode`, or `exchange 99`. */
  readonly exchange: string;
  readonly by: 'client' | 'server';
  readonly server: Endpoint;
};

/** WIM facts read from SMB READ data: the header at offset 0 and the XML at the tail (harness/docs/protocols.md 5). */
export type WimEvent = TcpSeen & { readonly path: string; readonly fileId: string } & (
    | {
        readonly type: 'wim.header';
        readonly imageCount: number;
        readonly bootIndex: number;
        readonly partNumber: number;
        readonly totalParts: number;
        readonly compressed: boolean;
        /** Folder trees only: the files' data lies in another part of the set. */
        readonly treesOnly: boolean;
        readonly xmlOffset: number;
        readonly xmlSize: number;
        readonly endOfFile: number;
        readonly firstFrame: number;
        readonly bytes: number;
      }
    | {
        readonly type: 'wim.tail';
        readonly offset: number;
        readonly bytes: number;
        readonly images: readonly {
          readonly index: number;
          readonly name: string;
          readonly totalBytes: number;
          /** Windows' code (protocols/wim/wire/architectures.ts). */
          readonly architecture?: number;
        }[];
        readonly firstFrame: number;
      }
    | {
        readonly type: 'wim.damaged';
        readonly reason: string;
        /** The file is shorter than an image can be. */
        readonly truncated?: true;
      }
    | {
        readonly type: 'wim.set-read';
        /** A part with shared data was closed: what was read for this image so far. Distinct bytes. */
        readonly sharedPath: string;
        readonly ownBytes: number;
        readonly sharedBytes: number;
        readonly neededBytes: number;
      }
    | {
        readonly type: 'wim.header-written';
        /** False while the writer says that it is not done, and for bytes that are no header (`reason`). */
        readonly complete: boolean;
        readonly imageCount: number;
        /** Where the header says that the image's list ends. */
        readonly endsAt: number;
        readonly reason?: string;
      }
  );

/** Bytes that did not decode, on a flow that belongs to a client. */
export type MalformedEvent = Seen & { readonly type: 'malformed'; readonly malformed: Malformed };

/** Everything that happens on the wire, in the words that machines understand. */
export type ProtocolEvent =
  | ArpEvent
  | DhcpEvent
  | TftpEvent
  | TcpEvent
  | HttpEvent
  | SmbEvent
  | NtlmEvent
  | KerberosEvent
  | RpcEvent
  | WdsEvent
  | IsakmpEvent
  | WimEvent
  | MalformedEvent;

/**
 * Sent by the judge when the capture's clock passes a deadline that a machine's state named (harness/docs/design.md
 * principle 5).
 */
export interface DeadlineEvent {
  readonly type: 'deadline';
  readonly atUs: number;
  /** The state's own name for what it waited for. */
  readonly waitingFor: string;
}
