import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientResult } from '../../../reports/result.ts';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { replayCapture } from '../../run/replay/replay.ts';

// Real transfers in namespaces (testdata/record.sh), judged from their captures; the witnesses are what udp-sender and
// udp-receiver say of them, and the hashes of what was written. tshark does not know the protocol.
const SIZE = 3_000_000;
/** udp-sender's own: what fits into a frame of 1 500 bytes, and is a multiple of 16. */
const BLOCK_SIZE = 1456;
/** What the asynchronous transfer sends: no more than a receive buffer holds. */
const UNCONFIRMED_SIZE = 100_000;
const NAMES = ['late-joiner', 'straggler', 'dropped', 'killed', 'point-to-point', 'asynchronous'];
/** Receivers that have all of it in the end, where they are not two. */
const WHOLE: Readonly<Record<string, number>> = { straggler: 3, killed: 1, 'point-to-point': 1 };
const temporary = await temporaryFolder();
const folder = temporary.path;

beforeAll(async () => {
  await promisify(execFile)(join(import.meta.dirname, 'testdata', 'record.sh'), [folder, String(SIZE)]);
}, 120_000);
afterAll(() => temporary[Symbol.asyncDispose]());

const log = async (file: string): Promise<string> => readFile(join(folder, `${file}.log`), 'utf8');

/** The last number that a program reports under this name: `bytes=   3 000 000`, `re-xmits=0000022`. */
function reported(text: string, name: string): number {
  const all = [...text.matchAll(new RegExp(`${name}=((?: *\\d+)+)`, 'g'))];
  return Number(all.at(-1)?.[1]?.replaceAll(' ', ''));
}

async function clientsOf(name: string): Promise<ReadonlyMap<number, ClientResult>> {
  const { scenarios } = await replayCapture(join(folder, `${name}.pcap`));
  return new Map((scenarios[0]?.clients ?? []).map((client) => [Number(client.mac.at(-1)), client]));
}

const transferOf = (client: ClientResult | undefined): Readonly<Record<string, unknown>> =>
  client?.steps.find(({ step, verdict }) => step === 'multicast.transfer' && verdict === 'passed')?.detail ?? {};

describe('our counts are those of udp-sender and udp-receiver', () => {
  it.each(NAMES)('%s', async (name) => {
    const sender = await log(`${name}.sender`);
    const [image, ...written] = (await readFile(join(folder, `${name}.sha256`), 'utf8')).trim().split('\n');
    const size = name === 'asynchronous' ? UNCONFIRMED_SIZE : SIZE;
    expect(reported(sender, 'bytes')).toBe(size);
    const clients = await clientsOf(name);
    const whole = [...clients].filter(([, client]) => transferOf(client)['bytes'] !== undefined);
    expect(whole.length).toBe(WHOLE[name] ?? 2);
    for (const [number, client] of whole) {
      expect(transferOf(client)).toMatchObject({
        bytes: reported(await log(`${name}.${number}`), 'bytes'),
        retransmissions: reported(sender, 're-xmits'),
      });
      expect(client.transfers).toMatchObject([{ protocol: 'multicast', bytes: size }]);
      expect(written[number - 1], `what receiver ${number} wrote`).toBe(image);
    }
  });

  it('a straggler asks for what it missed, and all blocks are on the wire once for everybody', async () => {
    const clients = await clientsOf('straggler');
    const [first, third] = [transferOf(clients.get(1)), transferOf(clients.get(3))];
    expect(first['wireBytes']).toBe(third['wireBytes']);
    expect(third['askedAgain']).toBeGreaterThan(0);
    // However much was lost on a busy host: the image once, and each block again that udp-sender has sent again.
    const again = reported(await log('straggler.sender'), 're-xmits') * BLOCK_SIZE;
    expect(third['wireBytes']).toBeGreaterThan(SIZE);
    expect(third['wireBytes']).toBeLessThanOrEqual(SIZE + again);
    // The last block is the one that is shorter.
    expect(third['wireBytes']).toBeGreaterThan(SIZE + again - BLOCK_SIZE * Number(third['slices']));
  });

  it('who is dropped, left behind or late has not got it', async () => {
    const dropped = (await clientsOf('dropped')).get(3);
    expect(dropped?.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'multicast.transfer',
      cause: 'multicast-dropped',
    });
    expect(await log('dropped.sender')).toContain('Dropping client');
    const left = (await clientsOf('killed')).get(1);
    expect(left?.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'multicast.transfer',
      cause: 'transfer-stalled',
    });
    expect(await log('killed.1')).toContain('Receiver timeout');
    const late = (await clientsOf('late-joiner')).get(3);
    expect(late?.steps.filter(({ step }) => step.startsWith('multicast.'))).toMatchObject([
      { step: 'multicast.unfinished', why: 'still waiting for the end of the transfer to others when the story ended' },
    ]);
    expect(await log('late-joiner.3')).toContain('Receiver error');
  });
});
