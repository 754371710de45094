import { execa } from 'execa';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDeviceStore, type Device } from './device-store.ts';
import { withFileLock } from './file-lock.ts';

const COUNT_UP = path.join(import.meta.dirname, 'testing', 'count-up.ts');
const at = '2026-11-24T12:00:00.000Z';
const uuid = '4c4c4544-0042-3510-8050-b4c04f383432';
const pc: Device = {
  key: uuid,
  uuid,
  mac: '52:54:00:00:00:01',
  status: 'pending',
  requestId: 1,
  firstSeenAt: at,
  lastSeenAt: at,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pxewright-state-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = () => path.join(folder, 'devices.json');

describe('openDeviceStore', () => {
  it('is empty without a file, and makes none by reading', async () => {
    expect(openDeviceStore(path.join(folder, 'new')).devices()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps what was stored, for another store of the same folder too', async () => {
    const other = openDeviceStore(folder);
    expect(other.devices()).toEqual([]);
    await openDeviceStore(folder).update(() => [pc]);
    expect(other.devices()).toEqual([pc]);
    await openDeviceStore(folder).update(([first]) => (first === undefined ? [] : [{ ...first, status: 'approved' }]));
    expect(other.devices()).toEqual([{ ...pc, status: 'approved' }]);
    expect(await readdir(folder)).toEqual(['devices.json', 'devices.json.lock']);
  });

  it('makes the folder with the first change', async () => {
    const deep = path.join(folder, 'a', 'b');
    await openDeviceStore(deep).update(() => [pc]);
    expect(openDeviceStore(deep).devices()).toEqual([pc]);
  });

  it('finds a device by UUID before MAC address, however they are written', async () => {
    const store = openDeviceStore(folder);
    const card: Device = {
      key: '52:54:00:00:00:02',
      mac: '52:54:00:00:00:02',
      status: 'prestaged',
      firstSeenAt: at,
      lastSeenAt: at,
    };
    await store.update(() => [pc, card]);
    expect(store.find({ uuid: uuid.toUpperCase(), mac: card.mac })?.key).toBe(pc.key);
    expect(store.find({ mac: '52-54-00-00-00-02', uuid: '00000000-0000-0000-0000-000000000001' })?.key).toBe(card.key);
    expect(store.find({ mac: pc.mac })?.key).toBe(pc.key);
    expect(store.find({ mac: pc.mac, uuid: '00000000-0000-0000-0000-000000000001' })).toBeUndefined();
    expect(store.find({})).toBeUndefined();
  });

  it('leaves everything as it is when a change throws or makes what could not be read again', async () => {
    const store = openDeviceStore(folder);
    await store.update(() => [pc]);
    const before = await readFile(file(), 'utf8');
    const changes = [
      store.update(() => {
        throw new Error('changed my mind');
      }),
      store.update(() => [{ ...pc, name: 'no spaces please' }]),
      store.update(([first = pc]) => [{ ...first, name: 'PC01' }]),
    ];
    const [thrown, refused, made] = await Promise.allSettled(changes);
    expect(thrown).toMatchObject({ status: 'rejected', reason: { message: 'changed my mind' } });
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: {
        name: 'StateFileError',
        message:
          'devices.json: devices.0.name: expected a computer name of 1 to 15 letters, digits and inner hyphens, and not of digits only, got "no spaces please"; nothing was changed',
      },
    });
    expect(made).toMatchObject({ status: 'fulfilled', value: [{ name: 'PC01' }] });
    expect(await readFile(file(), 'utf8')).not.toBe(before);
  });

  it.each([
    ['half of it', '{"schema":1,"devices":[{"ke', /expected JSON, got 27 characters that are not JSON/],
    ['nothing in it', '', /expected JSON, got 0 characters/],
    [
      'a newer format',
      '{"schema":2,"devices":[]}',
      /schema: expected 1, the only format that this version knows, got 2/,
    ],
    [
      'a device without status',
      '{"schema":1,"devices":[{"key":"x"}]}',
      /devices\.0\.status: expected one of prestaged, pending, approved, rejected, got nothing/,
    ],
  ])('says what is wrong with a damaged file (%s), and never empties it', async (_, damaged, message) => {
    await writeFile(file(), damaged);
    const store = openDeviceStore(folder);
    expect(() => store.devices()).toThrow(message);
    expect(() => store.devices()).toThrow(`move it away (mv ${file()} ${file()}.damaged)`);
    await expect(store.update(() => [pc])).rejects.toMatchObject({ name: 'StateFileError' });
    expect(await readFile(file(), 'utf8')).toBe(damaged);
    // And goes on by itself once that is done.
    await rm(file());
    expect(store.devices()).toEqual([]);
  });
});

describe('several processes', () => {
  const writer = (mac: string, times?: number) =>
    execa(process.execPath, [COUNT_UP, folder, mac, ...(times === undefined ? [] : [String(times)])], {
      reject: false,
      buffer: { stdout: times !== undefined },
    });

  it('lose nothing of what each other wrote', { timeout: 60_000 }, async () => {
    const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'];
    const both = [...macs, ...macs];
    await Promise.all(both.map((mac) => writer(mac, 15)));
    const polls = openDeviceStore(folder)
      .devices()
      .map((device) => [device.mac, device.polls]);
    expect(Object.fromEntries(polls)).toEqual(Object.fromEntries(macs.map((mac) => [mac, 30])));
  });

  it('are killed at any moment, and what they had stored is there, whole, and the next one writes at once', {
    timeout: 60_000,
  }, async () => {
    let told = 0;
    for (let round = 0; round < 6; round += 1) {
      const victim = writer(pc.mac ?? '');
      const lines = createInterface({ input: victim.stdout });
      lines.on('line', (line) => {
        told = Number(line);
      });
      const enough = told + 3 + round * 2;
      while (told < enough) await once(lines, 'line');
      victim.kill('SIGKILL');
      await victim;
      // Never half a file; at most one change more than the victim came to tell.
      const [device] = openDeviceStore(folder).devices();
      expect([told, told + 1]).toContain(device?.polls);
      told = device?.polls ?? 0;
    }
    await writer('52:54:00:00:00:09', 1);
    expect(
      openDeviceStore(folder)
        .devices()
        .map((device) => device.polls),
    ).toEqual([told, 1]);
  });

  it('never see half a file while others write', { timeout: 60_000 }, async () => {
    const busy = writer(pc.mac ?? '', 40);
    const store = openDeviceStore(folder);
    let reads = 0;
    let highest = 0;
    const over = busy.then(() => true);
    while (!(await Promise.race([over, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]))) {
      const polls = store.devices()[0]?.polls ?? 0;
      expect(polls).toBeGreaterThanOrEqual(highest);
      highest = polls;
      reads += 1;
    }
    expect(store.devices()[0]?.polls).toBe(40);
    expect(reads).toBeGreaterThan(40);
  });
});

describe('withFileLock', () => {
  it('names the file that another one keeps locked for too long', async () => {
    const lock = path.join(folder, 'x.lock');
    await withFileLock(lock, 1000, async () => {
      await expect(withFileLock(lock, 50, () => Promise.resolve())).rejects.toMatchObject({
        name: 'LockTimeoutError',
        message: `${lock}: another process has kept it locked for 50 ms (fuser ${lock} names it); nothing was changed, try again`,
      });
    });
    await expect(withFileLock(lock, 50, () => Promise.resolve('free'))).resolves.toBe('free');
  });
});
