import type { TraceRow } from './trace-rows.ts';

/** One way in which the tshark of today (4.4) words a row differently from the Wireshark of 2012. */
interface Rewording {
  readonly why: string;
  readonly protocols: readonly string[];
  readonly from: RegExp;
  readonly to: string;
}

const REWORDINGS: readonly Rewording[] = [
  { why: 'capital letter', protocols: ['ARP'], from: /^who has/, to: 'Who has' },
  {
    why: 'port 4011 is named, and the message type padded to a column',
    protocols: ['DHCP'],
    from: /^DHCP Request - /,
    to: 'proxyDHCP Request  - ',
  },
  {
    why: 'port 4011 is named, and the message type padded to a column',
    protocols: ['DHCP'],
    from: /^DHCP ACK - /,
    to: 'proxyDHCP ACK      - ',
  },
  { why: 'NULs of options are not shown', protocols: ['TFTP'], from: /\\000(?==)|\\000$/g, to: '' },
  { why: 'ports are numbers, the arrow is one', protocols: ['TCP'], from: /^(\S+) > (\S+)/, to: '$1 → $2' },
  { why: 'ports are numbers', protocols: ['TCP'], from: /microsoft-ds/, to: '445' },
  { why: 'capital letter', protocols: ['TCP'], from: /win=/, to: 'Win=' },
  { why: 'no value', protocols: ['TCP'], from: /SACK_PERM=1/, to: 'SACK_PERM' },
  {
    why: 'names of commands have spaces',
    protocols: ['SMB2'],
    from: /(Negotiate)(Protocol)|(Session)(Setup)|(Tree)(Connect)/,
    to: '$1$3$5 $2$4$6',
  },
  {
    why: 'the dollar sign was escaped for the document that the row comes from',
    protocols: ['SMB2'],
    from: /\\\$/,
    to: '$',
  },
  {
    why: 'the function has its name, and the path is shown',
    protocols: ['SMB2'],
    from: /DFS Function:0x0065$/,
    to: 'FSCTL_DFS_GET_REFERRALS, File: \\172.22.52.207\\RemInst',
  },
  {
    why: 'the signature of SPNEGO’s mechanism list was taken for an NTLMSSP message',
    protocols: ['SMB2'],
    from: /, Unknown message type$/,
    to: '',
  },
  { why: 'capital letter', protocols: ['SMB2'], from: / off:/, to: ' Off:' },
  {
    why: 'commas, and Ctx',
    protocols: ['DCERPC'],
    from: /call_id: (\d) Fragment: Single/,
    to: 'call_id: $1, Fragment: Single',
  },
  {
    why: 'commas, and Ctx',
    protocols: ['DCERPC'],
    from: /Single opnum: (\d) ctx_id: 0/,
    to: 'Single, opnum: $1, Ctx: 0',
  },
  { why: 'commas, and Ctx', protocols: ['DCERPC'], from: /Single ctx_id: 0/, to: 'Single, Ctx: 0' },
  { why: 'capital letter', protocols: ['DCERPC'], from: / v1$/, to: ' V1' },
  {
    why: 'contexts are counted, the transfer syntax is named',
    protocols: ['DCERPC'],
    from: /Single (1a927394\S+) v1\.0,/,
    to: 'Single, 1 context items: $1 V1.0 (32bit NDR),',
  },
  {
    why: 'sizes come first, results are counted',
    protocols: ['DCERPC'],
    from: /, NTLMSSP_CHALLENGE accept (max_xmit: 5840 max_recv: 5840)/,
    to: ', $1, 1 results: Acceptance, NTLMSSP_CHALLENGE',
  },
];

/**
 * This connection negotiated its window scale in the SYN, which excerpt 3 does not hold: tshark shows the 16 bits on
 * the wire.
 */
const UNSCALED: Rewording = {
  why: 'the excerpt lacks the SYN with the window scale',
  protocols: ['TCP'],
  from: /Win=65536/,
  to: 'Win=256',
};

/** What tshark 4.4 says of a row's frame. */
export function todaysWording(row: TraceRow): string {
  const rewordings = row.step === 3 ? [...REWORDINGS, UNSCALED] : REWORDINGS;
  return rewordings
    .filter(({ protocols }) => protocols.includes(row.protocol))
    .reduce((info, { from, to }) => info.replace(from, to), row.info);
}
