import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXCERPTS } from './testing/reference-trace/build-trace.ts';
import { todaysWording } from './testing/reference-trace/todays-wording.ts';
import { rowsOf } from './testing/reference-trace/trace-rows.ts';
import { CAPTURE_BEGAN_US } from './testing/reference-trace/trace-time.ts';

const SEPARATOR = '\x1e';
// Initial sequence numbers are 0: the numbers on the wire are the relative ones of the rows. Checksums are checked.
const PREFERENCES = [
  'tcp.relative_sequence_numbers:FALSE',
  'ip.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'ntlmssp.nt_password:Passw0rd.lab',
];

/** Fields of each frame, as tshark reads them: text as it is, without the doubled backslashes of its output. */
async function tshark(step: 1 | 2 | 3, ...fields: string[]): Promise<string[][]> {
  const capture = fileURLToPath(new URL(`testdata/reference-trace/${EXCERPTS[step]}.pcapng`, import.meta.url));
  const { stdout } = await execa('tshark', [
    '-r',
    capture,
    '-N',
    'm',
    ...PREFERENCES.flatMap((preference) => ['-o', preference]),
    '-T',
    'fields',
    '-E',
    `separator=${SEPARATOR}`,
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => line.split(SEPARATOR).map((value) => value.replaceAll('\\\\', '\\')));
}

/** A host as tshark names it: manufacturers have got longer names since. */
const host = (name: string): string => name.replace('Hewlett-_', 'HewlettPacka_');

describe.each([1, 2, 3] as const)('step %d of the reference trace, read by tshark', (step) => {
  it('is what its rows say: time, ends, protocol, length, and info in the wording of today', async () => {
    const read = await tshark(
      step,
      'frame.time_epoch',
      '_ws.col.def_src',
      '_ws.col.def_dst',
      '_ws.col.protocol',
      'frame.len',
      '_ws.col.info',
    );
    const rows = rowsOf(step).map((row) => [
      ((CAPTURE_BEGAN_US + Math.round(row.time * 1_000_000)) / 1_000_000).toFixed(6),
      host(row.src),
      host(row.dst),
      row.protocol,
      String(row.length),
      todaysWording(row),
    ]);
    expect(read.map(([time, ...rest]) => [Number(time).toFixed(6), ...rest])).toEqual(rows);
  });

  it('has right checksums, and its numbers in the original capture', async () => {
    const read = await tshark(
      step,
      'ip.checksum.status',
      'tcp.checksum.status',
      'udp.checksum.status',
      'frame.comment',
    );
    expect(new Set(read.flatMap(([ip, tcp, udp]) => [ip, tcp, udp]))).toEqual(new Set(['', '1']));
    expect(read.map(([, , , comment]) => comment)).toEqual(
      rowsOf(step).map(({ frame }) => `step ${step}, frame ${frame} of the original capture`),
    );
  });
});

it('tshark takes both logons of step 2 for right, and opens the sealed request with the password', async () => {
  const read = await tshark(2, '_ws.expert.message', 'dcerpc.decrypted_stub_data');
  const proven = read
    .map(([expert]) => expert ?? '')
    .filter((message) => message.includes('NTLMv2 authenticated using <Global NT Password>'));
  expect(proven.map((message) => /frame (\d+)/.exec(message)?.[1])).toEqual(['27', '40']);
  const stub = Buffer.from(read.at(-2)?.[1] ?? '', 'hex');
  // Size twice (MS-WDSC 2.1.2), endpoint header of 40 bytes, operation 2 at byte 48 of the packet, and the names of its
  // variables.
  expect([stub.readUInt32LE(0), stub.readUInt32LE(4), stub.readUInt16LE(8), stub.readUInt32LE(8 + 48)]).toEqual([
    248, 248, 40, 2,
  ]);
  expect(stub.toString('utf16le', 8 + 56, 8 + 56 + 14)).toBe('VERSION');
});
