import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../reports/testing/temporary-folder.ts';
import { framesReceived } from './save-before-first-frame.ts';
import { findState, keepState, removeOldest } from './state-store.ts';

const ABOUT = { firmware: 'bios', nic: 'e1000', mac: '52:54:00:00:00:01', qemu: '10.0.0' };

/** A folder in which a state of these bytes is kept as `key`. */
async function kept(path: string, key: string, bytes = 'a state'): Promise<void> {
  const file = join(path, '..', `made-${key}`);
  await writeFile(file, bytes);
  await keepState(key, { file, serialLogs: [Buffer.from('BdsDxe')] }, ABOUT, path);
}

describe('saved states', () => {
  it('are found as they were kept, under their key alone', async () => {
    await using folder = await temporaryFolder();
    const states = join(folder.path, 'warm');
    expect(await findState('k', states)).toBeUndefined();
    await kept(states, 'k');
    const found = await findState('k', states);
    if (!found || !('state' in found)) throw new Error('not found');
    expect(found.about).toMatchObject(ABOUT);
    expect(await readFile(found.state.file, 'utf8')).toBe('a state');
    expect(found.state.serialLogs).toEqual([Buffer.from('BdsDxe')]);
    expect(await findState('other', states)).toBeUndefined();
  });

  it.each([
    ['state', 'a STATE', 'its 7 bytes are not the 7 that were saved'],
    ['state', '', 'its 0 bytes are not the 7 that were saved'],
    ['serial0.log', 'x', 'the log of a serial port is not the one that was saved'],
    ['about.json', '{"crc', 'JSON'],
  ])('are removed when %s is damaged', async (name, bytes, why) => {
    await using folder = await temporaryFolder();
    const states = join(folder.path, 'warm');
    await kept(states, 'k');
    await writeFile(join(states, 'k', name), bytes);
    expect(JSON.stringify(await findState('k', states))).toMatch(why);
    expect(await findState('k', states)).toBeUndefined();
  });

  it('are whole however many runs keep the same one at once, and leave no half one', async () => {
    await using folder = await temporaryFolder();
    const states = join(folder.path, 'warm');
    await Promise.all(Array.from({ length: 8 }, () => kept(states, 'k', 'x'.repeat(100_000))));
    expect(await readdir(states)).toEqual(['k']);
    expect(await findState('k', states)).toHaveProperty('state');
  });

  it('that were not used for longest make room, and so does what a killed run left', async () => {
    await using folder = await temporaryFolder();
    const states = join(folder.path, 'warm');
    for (const [key, seconds] of [
      ['old', 1000],
      ['new', 3000],
      ['used', 2000],
    ] as const) {
      await kept(states, key, 'x'.repeat(1000));
      await utimes(join(states, key), seconds, seconds);
    }
    for (const [draft, seconds] of [
      ['.draft-dead', 1000],
      ['.draft-alive', Date.now() / 1000],
    ] as const) {
      await mkdir(join(states, draft));
      await writeFile(join(states, draft, 'state'), '');
      await utimes(join(states, draft), seconds, seconds);
    }
    await findState('used', states);
    await removeOldest(states, 2500);
    expect((await readdir(states)).toSorted()).toEqual(['.draft-alive', 'new', 'used']);
  });
});

it('counts the frames of a tap as the kernel does', () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  tap0:1524       4    0    0    0     0          0         0     2050       9    0    0    0     0       0          0
 tap01:     70       1    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;
  expect(framesReceived(table, 'tap0')).toBe(4);
  expect(framesReceived(table, 'tap01')).toBe(1);
  expect(() => framesReceived(table, 'tap1')).toThrow('no count of frames for tap1');
});
