import { describe, expect, it } from 'vitest';
import { compareWithTshark } from './testing/compare-with-tshark.ts';

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
    ['smbd-impacket', ['smb2.cmd', 'smb2.filename', 'smb2.read_length', 'ntlmssp.auth.username']],
  ])('on %s', async (name, present) => {
    const { notCompared, disagreements, agreed } = await compareWithTshark(
      `${import.meta.dirname}/testdata/${name}.pcap`,
    );
    expect(disagreements).toEqual([]);
    expect(notCompared).toBe(0);
    expect(present.filter((field) => !agreed[field])).toEqual([]);
  });
});
