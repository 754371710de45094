import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaptureWriter, openCaptureFile } from '#tcpdump-wrapper';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { CLIENT, SERVER, Tape } from '../observe/testing/scene.ts';
import { Dhcpv6Scene, PXE6 } from './dhcpv6/testing/scene.ts';
import { encodeDhcpv6 } from './dhcpv6/wire/codec.ts';
import { makeOption } from './dhcpv6/wire/options.ts';
import { DHCPV6_TYPES } from './dhcpv6/wire/types.ts';
import { NdpScene } from './ndp/testing/scene.ts';
import { DHCPV6_FIELDS, DHCPV6_FIELDS_OF_A_BOOT } from './testing/dhcpv6-fields.ts';
import { IGMP_FIELDS } from './testing/igmp-fields.ts';
import { NDP_FIELDS_OF_A_BOOT } from './testing/ndp-fields.ts';
import { compareWithTshark } from './testing/compare-with-tshark.ts';

const FIELD_CAPTURES = join(import.meta.dirname, '..', 'observe', 'testdata');

// A second opinion on captures made by software that is not ours (testdata/record.sh).
describe('our decoders and tshark agree', () => {
  it.each([
    [
      'dnsmasq-dhcp-tftp',
      [
        'arp.opcode',
        'udp.srcport',
        'dhcp.id',
        'dhcp.ip.your',
        'dhcp.option.dhcp',
        'dhcp.option.type',
        'tftp.opcode',
        'tftp.block',
        'tftp.source_file',
        'tftp.option.name',
        'tftp.option.value',
        'tftp.error.code',
      ],
    ],
    [
      'smbd-smbclient',
      [
        'tcp.len',
        'tcp.seq_raw',
        'smb2.cmd',
        'smb2.msg_id',
        'smb2.nt_status',
        'smb2.filename',
        'smb2.file_offset',
        'smb2.read_length',
        'ntlmssp.messagetype',
        'ntlmssp.auth.username',
        'ntlmssp.auth.domain',
      ],
    ],
    [
      'control-impacket',
      [
        'dcerpc.pkt_type',
        'dcerpc.cn_call_id',
        'dcerpc.cn_frag_len',
        'dcerpc.opnum',
        'dcerpc.cn_status',
        'dcerpc.cn_bind_to_uuid',
        'dcerpc.cn_ack_result',
        'dcerpc.auth_type',
        'dcerpc.auth_level',
        'ntlmssp.messagetype',
        'ntlmssp.auth.username',
      ],
    ],
    [
      'control-samba',
      [
        'dcerpc.pkt_type',
        'dcerpc.cn_auth_len',
        'dcerpc.auth_type',
        'dcerpc.auth_level',
        'ntlmssp.messagetype',
        'ntlmssp.auth.domain',
      ],
    ],
    ['igmp-linux', ['ip.ttl', 'ip.opt.ra', ...IGMP_FIELDS]],
    ['smbd-impacket', ['smb2.cmd', 'smb2.filename', 'smb2.read_length', 'ntlmssp.auth.username']],
  ])('on %s', async (name, present) => {
    const { notCompared, disagreements, agreed } = await compareWithTshark(
      `${import.meta.dirname}/testdata/${name}.pcap`,
    );
    expect(disagreements).toEqual([]);
    expect(notCompared).toBe(0);
    expect(present.filter((field) => !agreed[field])).toEqual([]);
  });

  // Boots of firmware from dnsmasq, in all that captures do to them (observe/testdata/README.md).
  it.each<[capture: string, present: readonly string[]]>([
    ['bios-nobootfile', ['dhcp.option.dhcp', 'icmpv6.type']],
    ['bios-nodhcp', ['dhcp.option.dhcp']],
    ['bios-proxy', ['dhcp.option.dhcp', 'tftp.error.code']],
    ['bios-tftp-any', ['eth.src', 'dhcp.option.dhcp', 'tftp.block']],
    ['bios-tftp-singleport', ['dhcp.option.dhcp', 'tftp.block']],
    ['bios-tftpdown', ['tftp.source_file', 'icmp.type', 'icmp.code']],
    ['bios-wrongserver', ['dhcp.ip.server', 'arp.opcode']],
    ['efi-http', ['dhcp.option.type', 'tcp.len']],
    ['efi-tftp-portfilter', ['dhcp.option.dhcp', 'tftp.option.value']],
    [
      'efi-v6',
      [
        'ipv6.src',
        'ipv6.dst',
        'ipv6.hlim',
        'udp.srcport',
        'tftp.block',
        'icmpv6.type',
        'icmpv6.code',
        ...DHCPV6_FIELDS_OF_A_BOOT,
        ...NDP_FIELDS_OF_A_BOOT,
      ],
    ],
    ['one-frame-an-hour-ahead', ['dhcp.option.dhcp', 'tftp.block']],
    ['relay-at-server', ['dhcp.option.dhcp', 'tftp.block']],
    ['sll-tftp-only', ['eth.src', 'tftp.block']],
  ])('on every frame of %s', async (name, present) => {
    const { notCompared, disagreements, agreed } = await compareWithTshark(join(FIELD_CAPTURES, `${name}.pcap`));
    expect(disagreements).toEqual([]);
    expect(notCompared).toBe(0);
    expect(present.filter((field) => !agreed[field])).toEqual([]);
  });

  it('on what a server of IPv6 can say and no boot here has', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'said.pcap');
    const tape = new Tape(0);
    const router = { mac: SERVER.mac, ip: 'fe80::2' };
    new NdpScene(tape).routerAdvertise(router, {
      options: [{ kind: 'dns-servers', lifetimeSeconds: 600, servers: ['fd77::53', 'fd77::54'] }],
    });
    const scene = new Dhcpv6Scene(tape)
      .ask('SOLICIT', { ...PXE6, iaid: null, more: [makeOption('iaTa', { iaid: 0x1234, options: [] })] })
      .answer('REPLY', { more: [makeOption('dnsServers', ['fd77::53', 'fd77::54'])] });
    const carried = encodeDhcpv6({ kind: 'dhcpv6', type: DHCPV6_TYPES.SOLICIT, transaction: 0xabcdef, options: [] });
    const relayed = encodeDhcpv6({
      kind: 'dhcpv6-relay',
      type: DHCPV6_TYPES['RELAY-FORW'],
      hopCount: 1,
      linkAddress: 'fd78::1',
      peerAddress: 'fe80::7',
      options: [makeOption('interfaceId', Uint8Array.of(1, 2, 3)), makeOption('relayMessage', carried)],
    });
    scene.udp6({ mac: CLIENT.mac, ip: 'fd78::1', port: 547 }, { mac: SERVER.mac, ip: 'fd77::1', port: 547 }, relayed);
    const writer = await createCaptureWriter(file, { linkType: 1, format: 'pcap' });
    for (const frame of tape.frames) writer.write(frame);
    await writer.close();
    const { notCompared, disagreements, agreed } = await compareWithTshark(file);
    expect(disagreements).toEqual([]);
    expect(notCompared).toBe(0);
    // Together with efi-v6.pcap above: every field that is compared at all.
    const present = DHCPV6_FIELDS.filter((field) => !(DHCPV6_FIELDS_OF_A_BOOT as readonly string[]).includes(field));
    expect([...present, 'icmpv6.opt.rdnss'].filter((field) => !agreed[field])).toEqual([]);
  });

  it('on messages of which a segment came twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
    try {
      const name = join(folder, 'twice.pcap');
      await writeWithTroubledSegments(name);
      const { notCompared, disagreements, agreed } = await compareWithTshark(name);
      expect(disagreements).toEqual([]);
      expect(notCompared).toBe(0);
      expect(agreed['smb2.cmd']).toBeGreaterThan(100);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/**
 * smbd-smbclient.pcap as a wire has it: its long frames (segmentation offload) in segments of at most 1460 bytes, the
 * third of each message once more after the sixth, as from a server that got no acknowledgement in time.
 */
async function writeWithTroubledSegments(name: string): Promise<void> {
  const source = await openCaptureFile(`${import.meta.dirname}/testdata/smbd-smbclient.pcap`);
  const writer = await createCaptureWriter(name, { linkType: source.linkType, format: 'pcap' });
  for await (const batch of source.batches()) {
    for (const frame of batch) {
      const segments = segmentsOf(frame.bytes);
      const again = segments[2];
      for (const [index, bytes] of segments.entries()) {
        writer.write({ ...frame, bytes, originalLength: bytes.length });
        if (index === 5 && again) writer.write({ ...frame, bytes: again, originalLength: again.length });
      }
    }
  }
  await writer.close();
}

/** A TCP segment over Ethernet and IPv4 without options, cut into segments; any other frame as it is. */
function segmentsOf(frame: Uint8Array): Uint8Array[] {
  const IP_AT = 14;
  const TCP_AT = IP_AT + 20;
  const MSS = 1460;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const payloadAt = TCP_AT + (view.getUint8(TCP_AT + 12) >> 4) * 4;
  const count = Math.ceil((frame.length - payloadAt) / MSS);
  if (view.getUint16(IP_AT) !== 0x4500 || view.getUint8(IP_AT + 9) !== 6 || count < 2) return [frame];
  return Array.from({ length: count }, (_, index) => {
    const from = payloadAt + index * MSS;
    const segment = Buffer.concat([frame.subarray(0, payloadAt), frame.subarray(from, from + MSS)]);
    segment.writeUInt16BE(segment.length - IP_AT, IP_AT + 2);
    segment.writeUInt32BE((view.getUint32(TCP_AT + 4) + index * MSS) >>> 0, TCP_AT + 4);
    return segment;
  });
}
