import { execa } from 'execa';
import { openCaptureFile } from '#tcpdump-wrapper';
import { DHCPV6_FIELDS } from './dhcpv6-fields.ts';
import { IGMP_FIELDS } from './igmp-fields.ts';
import { NDP_FIELDS } from './ndp-fields.ts';
import { OurFields, type Fields } from './observed-fields.ts';

/** A field of one frame that we and tshark read differently. */
export interface Disagreement {
  readonly frame: number;
  readonly field: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/**
 * What a comparison saw; `notCompared` counts frames whose SMB stream could not be followed (trimmed or lost segments).
 */
export interface Comparison {
  readonly frames: number;
  readonly notCompared: number;
  /** How many values tshark and we agreed on, by field: agreement on nothing proves nothing. */
  readonly agreed: Readonly<Record<string, number>>;
  readonly disagreements: readonly Disagreement[];
}

// The fields that machines read, with what tshark shows differently from the wire.
const FIELDS = [
  'eth.src',
  'sll.src.eth',
  'arp.opcode',
  'arp.src.proto_ipv4',
  'ip.src',
  'ip.dst',
  'ip.ttl',
  'ip.opt.ra',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.hlim',
  'icmp.type',
  'icmp.code',
  'icmpv6.type',
  'icmpv6.code',
  'udp.srcport',
  'udp.dstport',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.len',
  'dhcp.id',
  'dhcp.ip.your',
  'dhcp.ip.server',
  'dhcp.option.dhcp',
  'dhcp.option.type',
  ...IGMP_FIELDS,
  ...NDP_FIELDS,
  ...DHCPV6_FIELDS,
  'tftp.opcode',
  'tftp.block',
  'tftp.source_file',
  'tftp.destination_file',
  'tftp.option.name',
  'tftp.option.value',
  'tftp.error.code',
  'smb2.cmd',
  'smb2.msg_id',
  'smb2.nt_status',
  'smb2.filename',
  'smb2.file_offset',
  'smb2.read_length',
  'smb2.write_length',
  'dcerpc.pkt_type',
  'dcerpc.cn_call_id',
  'dcerpc.cn_frag_len',
  'dcerpc.cn_auth_len',
  'dcerpc.opnum',
  'dcerpc.cn_status',
  'dcerpc.cn_bind_to_uuid',
  'dcerpc.cn_ack_result',
  'dcerpc.auth_type',
  'dcerpc.auth_level',
  'ntlmssp.messagetype',
  'ntlmssp.auth.username',
  'ntlmssp.auth.domain',
];
// Octet 0x1e separates records in ASCII: no file name that a capture should hold has it, commas they may have.
const AGGREGATOR = '\x1e';

/** Decodes a capture with our decoders and with tshark, and compares layer by layer what machines use. */
export async function compareWithTshark(captureFile: string): Promise<Comparison> {
  const theirs = await tsharkFields(captureFile, { inOrder: true });
  const source = await openCaptureFile(captureFile);
  const ours = new OurFields();
  const disagreements: Disagreement[] = [];
  let frames = 0;
  let notCompared = 0;
  const agreed: Record<string, number> = {};
  for await (const batch of source.batches()) {
    for (const frame of batch) {
      const their = theirs[frames];
      frames++;
      const { fields, smbComparable } = ours.next({ ...frame, number: frames }, source.linkType);
      if (!smbComparable) notCompared++;
      disagreements.push(...compareFrame(frames, fields, their ?? {}, smbComparable, agreed));
    }
  }
  if (frames !== theirs.length) throw new Error(`${captureFile}: we read ${frames} frames, tshark ${theirs.length}`);
  return { frames, notCompared, agreed, disagreements: await standing(disagreements, captureFile) };
}

/**
 * Disagreements that stand when tshark reads the capture as it came, too. Told to put segments in order, it loses a
 * stream for good after a segment that came twice in the middle of a message (TShark 4.4.19), as on a busy host, whose
 * clients are late to acknowledge; without, it loses the one message whose segments came out of order.
 */
async function standing(disagreements: readonly Disagreement[], captureFile: string): Promise<Disagreement[]> {
  if (disagreements.length === 0) return [];
  const asTheyCame = await tsharkFields(captureFile, { inOrder: false });
  return disagreements.filter(
    ({ frame, field, ours }) => !sameValues(ours, normalised(field, ours, asTheyCame[frame - 1] ?? {})),
  );
}

function sameValues(ours: readonly string[], theirs: readonly string[]): boolean {
  return ours.join(AGGREGATOR) === theirs.join(AGGREGATOR);
}

function compareFrame(
  frame: number,
  ours: Fields,
  theirs: Fields,
  smbComparable: boolean,
  agreed: Record<string, number>,
): Disagreement[] {
  return FIELDS.flatMap((field) => {
    if (!smbComparable && /^(smb2|ntlmssp)\./.test(field)) return [];
    const our = ours[field] ?? [];
    const their = normalised(field, our, theirs);
    if (!sameValues(our, their)) return [{ frame, field, ours: our, theirs: their }];
    agreed[field] = (agreed[field] ?? 0) + our.length;
    return [];
  });
}

/** tshark's values without what it adds to the wire. */
function normalised(field: string, ours: readonly string[], row: Fields): readonly string[] {
  const theirs = row[field] ?? [];
  // ICMP quotes the packet that it is about, with what it carried.
  if (row['icmp.type']?.length && /^(udp|tftp)\./.test(field)) return [];
  switch (field) {
    case 'dhcp.option.type': // pad and end are options of their own there
      return theirs.filter((code) => code !== '0' && code !== '255');
    case 'smb2.filename': // it repeats the name of an open file wherever the file is used
      return theirs.filter((name) => ours.includes(name));
    case 'smb2.file_offset': // …and the offset of a request in its response
    case 'smb2.read_length':
    case 'smb2.write_length':
      return ours.length === 0 ? [] : theirs;
    case 'tftp.source_file': // …and the file of a transfer in each of its packets
      return row['tftp.opcode']?.[0] === '1' ? theirs : [];
    case 'tftp.destination_file':
      return row['tftp.opcode']?.[0] === '2' ? theirs : [];
    case 'tftp.option.name': // RFC 2347 compares names without regard to case
      return theirs.map((name) => name.toLowerCase());
    case 'dcerpc.opnum': // …and the operation of a request in its answer
      return ours.length === 0 ? [] : theirs;
    case 'ntlmssp.messagetype': // it does not look into SPNEGO at auth level packet
    case 'ntlmssp.auth.username':
    case 'ntlmssp.auth.domain':
      return row['dcerpc.auth_type']?.[0] === '9' && row['dcerpc.auth_level']?.[0] === '4' ? ours : theirs;
    case 'ip.src': // …and its header
    case 'ip.dst':
    case 'ip.ttl':
    case 'ipv6.src':
    case 'ipv6.dst':
    case 'ipv6.hlim':
      return theirs.slice(0, 1);
    case 'igmp.max_resp': // …and a byte of reports that means nothing there
      return row['igmp.type']?.[0] === '0x11' ? theirs : [];
    case 'eth.src': // cooked captures have it in a header of their own
      return theirs.length > 0 ? theirs : (row['sll.src.eth'] ?? []);
    case 'sll.src.eth':
      return [];
    default:
      return theirs;
  }
}

/** What tshark reads in each frame. It puts reordered segments in order only when it is asked to. */
async function tsharkFields(captureFile: string, { inOrder }: { readonly inOrder: boolean }): Promise<Fields[]> {
  const args = [
    '-n',
    '-o',
    `tcp.reassemble_out_of_order:${inOrder ? 'TRUE' : 'FALSE'}`,
    '-r',
    captureFile,
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    'occurrence=a',
    '-E',
    `aggregator=${AGGREGATOR}`,
    ...FIELDS.flatMap((field) => ['-e', field]),
  ];
  const { stdout } = await execa('tshark', args, { maxBuffer: 1024 * 1024 * 1024, stripFinalNewline: true });
  return stdout.split('\n').map((line) => {
    const columns = line.split('\t');
    return Object.fromEntries(
      FIELDS.map((field, i) => [field, columns[i] ? columns[i].split(AGGREGATOR).map(unescaped) : []]),
    );
  });
}

// tshark keeps its columns and lines apart by escaping tabs, line ends and backslashes in values.
const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\r': '\r', '\\\\': '\\' };
const unescaped = (text: string): string => text.replaceAll(/\\[tnr\\]/g, (escape) => ESCAPES[escape] ?? escape);
