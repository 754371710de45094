import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { encodePcapng, openCaptureFile } from '#tcpdump-wrapper';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../packet/frame.ts';
import { ENCAPSULATIONS } from '../packet/testing/encapsulations.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { OurFields } from './testing/observed-fields.ts';

// The frames of a capture that dnsmasq and its clients made, as other captures hold them. tshark says that they are well
// formed and what is inside; we must read the same.
const FIELDS = ['dhcp.id', 'dhcp.option.dhcp', 'tftp.opcode', 'tftp.block', 'tftp.source_file', 'tftp.error.code'];

/** IPv4 frames of the capture. */
let frames: readonly Frame[] = [];
let plain: readonly string[] = [];
beforeAll(async () => {
  const source = await openCaptureFile(join(import.meta.dirname, 'testdata/dnsmasq-dhcp-tftp.pcap'));
  const all: Frame[] = [];
  for await (const batch of source.batches()) all.push(...batch);
  frames = all
    .filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)
    .map((frame, index) => ({ ...frame, number: index + 1 }));
  plain = await byTshark(frames, 1);
  expect(plain.filter((row) => /\d/.test(row)).length).toBeGreaterThan(10);
});

async function byTshark(of: readonly Frame[], linkType: number): Promise<readonly string[]> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'capture.pcapng');
  await writeFile(file, encodePcapng(of, { linkType }));
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const { stdout } = await execa('tshark', ['-n', '-r', file, '-T', 'fields', '-E', 'aggregator=,', ...fields], {
    stripFinalNewline: false,
  });
  return stdout.split('\n').slice(0, -1);
}

function byUs(of: readonly Frame[], linkType: number): readonly string[] {
  const ours = new OurFields();
  return of.map((frame) => {
    const { fields } = ours.next(frame, linkType);
    return FIELDS.map((field) => (fields[field] ?? []).join(',')).join('\t');
  });
}

describe('tshark and we read the same', () => {
  it('in Ethernet', () => expect(byUs(frames, 1)).toEqual(plain));

  it.each(ENCAPSULATIONS.filter(({ version, isMistaken }) => version !== 6 && !isMistaken))(
    'in $name',
    async ({ as, linkType }) => {
      const changed = frames.map((frame) => {
        const bytes = as(frame.bytes);
        return { ...frame, bytes, originalLength: bytes.length };
      });
      const theirs = await byTshark(changed, linkType);
      expect(theirs).toEqual(plain);
      expect(byUs(changed, linkType)).toEqual(theirs);
    },
  );
});
