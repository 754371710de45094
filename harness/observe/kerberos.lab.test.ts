import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { openCaptureFile } from '../tcpdump-wrapper/src/index.ts';
import type { Frame } from '../packet/frame.ts';
import type { KerberosEvent } from '../protocols/kerberos/observe/events.ts';
import { observe } from './testing/scene.ts';

const CAPTURES = ['kerberos-smbclient', 'kerberos-refusals', 'kerberos-skew'];
/** Message types of RFC 4120 section 7.5.7. */
const TYPES: Readonly<Record<KerberosEvent['type'], number>> = {
  'kerberos.as-request': 10,
  'kerberos.as-reply': 11,
  'kerberos.tgs-request': 12,
  'kerberos.tgs-reply': 13,
  'kerberos.ap-request': 14,
  'kerberos.error': 30,
};

interface Row {
  readonly frame: number;
  readonly type: number;
  readonly error: string;
  readonly realm: string;
  readonly client: string;
}

describe('what we and tshark read in Kerberos messages', () => {
  it.each(CAPTURES)('is the same in %s', async (name) => {
    const file = `${import.meta.dirname}/testdata/${name}.pcap`;
    const ours = (await kerberosEvents(file)).map(
      (event): Row => ({
        frame: event.frame,
        type: TYPES[event.type],
        error: event.type === 'kerberos.error' ? String(event.code) : '',
        realm: event.realm,
        client: 'user' in event ? (event.user ?? '') : '',
      }),
    );
    const theirs = await tsharkRows(file);
    expect(ours.length).toBeGreaterThan(3);
    // tshark names everything in a message, nested tickets too: ours is what comes first. AP-REP tells nothing that we
    // read.
    const comparable = theirs.filter(({ type }) => type !== 15);
    expect(ours.map(({ frame, type, error }) => [frame, type, error])).toEqual(
      comparable.map(({ frame, type, error }) => [frame, type, error]),
    );
    for (const [index, { client, type }] of ours.entries())
      if (type === 10 || type === 11) expect(client).toBe(comparable[index]?.client);
  });
});

async function kerberosEvents(file: string): Promise<KerberosEvent[]> {
  const source = await openCaptureFile(file);
  const frames: Frame[] = [];
  for await (const batch of source.batches()) frames.push(...batch);
  return observe(frames).events.filter((event): event is KerberosEvent => event.type.startsWith('kerberos.'));
}

async function tsharkRows(file: string): Promise<Row[]> {
  const fields = ['frame.number', 'kerberos.msg_type', 'kerberos.error_code', 'kerberos.realm', 'kerberos.CNameString'];
  const { stdout } = await execa('tshark', [
    '-r',
    file,
    '-Y',
    'kerberos.msg_type',
    '-T',
    'fields',
    '-E',
    'occurrence=f',
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => {
    const [frame = '', type = '', error = '', realm = '', client = ''] = line.split('\t');
    return { frame: Number(frame), type: Number(type), error, realm, client };
  });
}
