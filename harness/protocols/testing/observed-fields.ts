import { isArp } from '../arp/observe/observer.ts';
import { decodeArp } from '../arp/wire/codec.ts';
import { isIcmp } from '../icmp/observe/observer.ts';
import { decodeIcmp } from '../icmp/wire/codec.ts';
import type { RpcPdu } from '../rpc/wire/codec.ts';
import { decodeDhcp } from '../dhcp/wire/codec.ts';
import { messageType } from '../dhcp/wire/options.ts';
import { dhcpv6Fields } from './dhcpv6-fields.ts';
import { igmpFields } from './igmp-fields.ts';
import { ndpFields } from './ndp-fields.ts';
import type { Frame } from '../../packet/frame.ts';
import { ipv4Options, routerAlert } from '../../packet/ip-options.ts';
import { TCP_FLAGS } from '../../packet/layers.ts';
import { isMalformed } from '../../packet/malformed.ts';
import type { NtlmMessage } from '../ntlm/wire/codec.ts';
import { decodeFrame, type Packet } from '../../packet/packet.ts';
import type { SetInfoRequest } from '../smb/wire/query.ts';
import { decodeRename } from '../smb/wire/rename.ts';
import type { SmbMessage } from '../smb/wire/codec.ts';
import { decodeSecurityToken } from '../ntlm/wire/spnego.ts';
import { decodeTftp, TFTP_OPCODES } from '../tftp/wire/codec.ts';
import { RpcStream } from '../rpc/testing/stream.ts';
import { SmbStream } from '../smb/testing/stream.ts';

/** What one decoder says about one frame: values by field, in tshark's names, several as a list in wire order. */
export type Fields = Readonly<Record<string, readonly string[]>>;

/** Our own decoders over a capture, frame by frame, with as much memory as tshark has: TFTP's ports, SMB's streams. */
export class OurFields {
  readonly #tftpEndpoints = new Set<string>();
  readonly #streams = new Map<string, SmbStream>();
  readonly #rpcStreams = new Map<string, RpcStream>();

  /** Fields of the next frame of the capture; undefined for SMB fields when the stream cannot be followed any more. */
  next(frame: Frame, linkType: number): { fields: Fields; smbComparable: boolean } {
    const packet = decodeFrame(frame.bytes, frame.linkType ?? linkType, frame.originalLength);
    const smb = this.#smb(packet);
    return {
      fields: {
        ...linkFields(packet, frame.bytes),
        ...icmpFields(packet),
        ...igmpFields(packet),
        ...ndpFields(packet),
        ...this.#udpFields(packet),
        ...(smb?.fields ?? {}),
        ...this.#rpc(packet),
      },
      smbComparable: smb?.comparable ?? true,
    };
  }

  #udpFields(packet: Packet): Fields {
    const { udp, payload, payloadLength } = packet;
    if (!udp || (packet.ipv4?.fragment ?? packet.ipv6?.fragment) !== undefined) return {};
    const ports = [udp.sourcePort, udp.destinationPort];
    if (ports.some((port) => port === 67 || port === 68 || port === 4011)) return dhcpFields(payload);
    if (packet.ipv6 && ports.some((port) => port === 546 || port === 547)) return dhcpv6Fields(payload);
    const client = `${packet.ipv4?.source ?? packet.ipv6?.source ?? ''}:${udp.sourcePort}`;
    const other = `${packet.ipv4?.destination ?? packet.ipv6?.destination ?? ''}:${udp.destinationPort}`;
    if (udp.destinationPort === 69) this.#tftpEndpoints.add(client);
    return ports.includes(69) || this.#tftpEndpoints.has(client) || this.#tftpEndpoints.has(other)
      ? tftpFields(payload, payloadLength)
      : {};
  }

  #rpc(packet: Packet): Fields {
    const { tcp } = packet;
    const ports = [tcp?.sourcePort, tcp?.destinationPort];
    if (!tcp || !ports.some((port) => port === 135 || port === 5040)) return {};
    const ip = packet.ipv4 ?? packet.ipv6;
    const key = `${ip?.source ?? ''}:${tcp.sourcePort}>${ip?.destination ?? ''}:${tcp.destinationPort}`;
    let stream = this.#rpcStreams.get(key);
    if (!stream || (tcp.flags & TCP_FLAGS.syn) !== 0) this.#rpcStreams.set(key, (stream = new RpcStream()));
    const pdus = stream.push(packet);
    if (stream.lost) throw new Error(`the RPC stream ${key} cannot be followed`);
    return rpcFields(pdus);
  }

  #smb(packet: Packet): { fields: Fields; comparable: boolean } | undefined {
    const { tcp } = packet;
    if (tcp?.sourcePort !== 445 && tcp?.destinationPort !== 445) return undefined;
    const ip = packet.ipv4 ?? packet.ipv6;
    const key = `${ip?.source ?? ''}:${tcp.sourcePort}>${ip?.destination ?? ''}:${tcp.destinationPort}`;
    let stream = this.#streams.get(key);
    // A new connection may use old ports.
    if (!stream || (tcp.flags & TCP_FLAGS.syn) !== 0) this.#streams.set(key, (stream = new SmbStream()));
    const messages = stream.push(packet);
    return { fields: smbFields(messages), comparable: !stream.lost };
  }
}

function rpcFields(pdus: readonly RpcPdu[]): Fields {
  const auths = pdus.flatMap(({ auth }) => (auth && !isMalformed(auth) ? [auth] : []));
  const bodies = pdus.flatMap(({ body }) => (isMalformed(body) ? [] : [body]));
  const binds = bodies.flatMap((body) => (body.type === 'bind' ? [body] : []));
  return {
    'dcerpc.pkt_type': pdus.map(({ header }) => String(header.type)),
    'dcerpc.cn_call_id': pdus.map(({ header }) => String(header.callId)),
    'dcerpc.cn_frag_len': pdus.map(({ header }) => String(header.fragmentLength)),
    'dcerpc.cn_auth_len': pdus.map(({ header }) => String(header.authLength)),
    'dcerpc.opnum': bodies.flatMap((body) => (body.type === 'request' ? [String(body.opnum)] : [])),
    'dcerpc.cn_status': bodies.flatMap((body) =>
      body.type === 'fault' ? [`0x${body.status.toString(16).padStart(8, '0')}`] : [],
    ),
    'dcerpc.cn_bind_to_uuid': binds.flatMap(({ contexts }) => contexts.map(({ abstract }) => abstract.uuid)),
    'dcerpc.cn_ack_result': bodies.flatMap((body) =>
      body.type === 'bind-ack' ? body.results.map(({ result }) => String(result)) : [],
    ),
    'dcerpc.auth_type': auths.map(({ type }) => String(type)),
    'dcerpc.auth_level': auths.map(({ level }) => String(level)),
    ...ntlmFields(
      auths.flatMap(({ token }) =>
        token && !isMalformed(token) && token.ntlm && !isMalformed(token.ntlm) ? [token.ntlm] : [],
      ),
    ),
  };
}

function linkFields(packet: Packet, frame: Uint8Array): Fields {
  const { ethernet, ipv4, ipv6, udp, tcp, payload, payloadLength, malformed } = packet;
  const message = isArp(packet) ? decodeArp(payload) : undefined;
  const arp = message && !isMalformed(message) ? message : undefined;
  return {
    'eth.src': list(ethernet?.source),
    'arp.opcode': list(arp?.operation),
    'arp.src.proto_ipv4': list(arp?.senderIp),
    'ip.src': list(ipv4?.source),
    'ip.dst': list(ipv4?.destination),
    'ip.ttl': list(ipv4?.ttl),
    'ip.opt.ra': list(ipv4 && routerAlert(ipv4Options(frame.subarray(ipv4.offset, ipv4.offset + ipv4.headerLength)))),
    'ipv6.src': list(ipv6?.source),
    'ipv6.dst': list(ipv6?.destination),
    'ipv6.hlim': list(ipv6?.hopLimit),
    'udp.srcport': list(udp?.sourcePort),
    'udp.dstport': list(udp?.destinationPort),
    'tcp.srcport': list(tcp?.sourcePort),
    'tcp.dstport': list(tcp?.destinationPort),
    'tcp.seq_raw': list(tcp?.sequence),
    'tcp.len': list(tcp && !malformed ? payloadLength : undefined),
  };
}

function icmpFields(packet: Packet): Fields {
  const message = isIcmp(packet) ? decodeIcmp(packet.payload, packet.ipv4 ? 4 : 6) : undefined;
  if (!message || isMalformed(message)) return {};
  return message.version === 4
    ? { 'icmp.type': [String(message.type)], 'icmp.code': [String(message.code)] }
    : { 'icmpv6.type': [String(message.type)], 'icmpv6.code': [String(message.code)] };
}

function dhcpFields(payload: Uint8Array): Fields {
  const message = decodeDhcp(payload);
  if (isMalformed(message)) return {};
  const type = messageType(message);
  return {
    'dhcp.id': [`0x${message.xid.toString(16).padStart(8, '0')}`],
    'dhcp.ip.your': [message.yiaddr],
    'dhcp.ip.server': [message.siaddr],
    'dhcp.option.dhcp': list(isMalformed(type) ? undefined : type),
    'dhcp.option.type': message.options.map((option) => String(option.code)),
  };
}

function tftpFields(payload: Uint8Array, wireLength: number): Fields {
  const packet = decodeTftp(payload, wireLength);
  if (isMalformed(packet)) return {};
  const isRequest = packet.op === 'read-request' || packet.op === 'write-request';
  const options = isRequest || packet.op === 'option-ack' ? packet.options : [];
  return {
    'tftp.opcode': [String(TFTP_OPCODES[packet.op])],
    'tftp.block': list('block' in packet ? packet.block : undefined),
    'tftp.source_file': list(packet.op === 'read-request' ? packet.filename : undefined),
    'tftp.destination_file': list(packet.op === 'write-request' ? packet.filename : undefined),
    'tftp.option.name': options.map(({ name }) => name),
    'tftp.option.value': options.map(({ value }) => value),
    'tftp.error.code': list(packet.op === 'error' ? packet.code : undefined),
  };
}

function smbFields(messages: readonly SmbMessage[]): Fields {
  const smb2 = messages.filter((message) => message.kind === 'smb2');
  const bodies = smb2.map(({ body }) => body);
  const ntlm = bodies.flatMap((body) => {
    if (!('securityBuffer' in body) || body.securityBuffer.length === 0) return [];
    const token = decodeSecurityToken(body.securityBuffer);
    return isMalformed(token) || !token.ntlm || isMalformed(token.ntlm) ? [] : [token.ntlm];
  });
  const accesses = bodies.flatMap((body) =>
    !isMalformed(body) && (body.type === 'read-request' || body.type === 'write-request') ? [body] : [],
  );
  return {
    'smb2.cmd': smb2.map(({ header }) => String(header.commandNumber)),
    'smb2.msg_id': smb2.map(({ header }) => String(header.messageId)),
    'smb2.nt_status': smb2
      .filter(({ header }) => header.response)
      .map(({ header }) => `0x${header.status.toString(16).padStart(8, '0')}`),
    'smb2.filename': bodies
      .flatMap((body) => (!isMalformed(body) && body.type === 'create-request' && body.name !== '' ? [body.name] : []))
      .concat(bodies.flatMap((body) => (!isMalformed(body) && body.type === 'set-info-request' ? renames(body) : []))),
    'smb2.file_offset': accesses.map((body) => String(body.offset)),
    'smb2.read_length': accesses.flatMap((body) => (body.type === 'read-request' ? [String(body.length)] : [])),
    'smb2.write_length': accesses.flatMap((body) => (body.type === 'write-request' ? [String(body.dataLength)] : [])),
    ...ntlmFields(ntlm),
  };
}

function ntlmFields(messages: readonly NtlmMessage[]): Fields {
  const users = messages.filter((message) => message.type === 3);
  return {
    'ntlmssp.messagetype': messages.map(({ type }) => `0x0000000${type}`),
    'ntlmssp.auth.username': users.map(({ user }) => user),
    'ntlmssp.auth.domain': users.map(({ domain }) => domain),
  };
}

function renames(body: SetInfoRequest): string[] {
  const rename = decodeRename(body);
  return rename && !isMalformed(rename) ? [rename.name] : [];
}

const list = (value: string | number | undefined): string[] => (value === undefined ? [] : [String(value)]);
