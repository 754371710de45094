import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  describeDevice,
  namedDevice,
  noteSighting,
  prestage,
  remove,
  rename,
  reset,
} from './device-changes.ts';
import { deviceSchema, type Device } from './device-store.ts';

const at = '2026-11-24T12:00:00.000Z';
const later = '2026-11-24T12:00:05.000Z';
const uuid = '4c4c4544-0042-3510-8050-b4c04f383432';
const mac = '52:54:00:00:00:01';
const known: Device = { key: mac, mac, name: 'PC01', status: 'prestaged', firstSeenAt: at, lastSeenAt: at };

describe('a computer that asks', () => {
  it('waits under a request id of its own, and its polls are counted', () => {
    const first = noteSighting([known], { mac: '52-54-00-00-00-02', uuid: uuid.toUpperCase(), architecture: 0, at });
    expect(first).toEqual([
      known,
      {
        key: uuid,
        uuid,
        mac: '52:54:00:00:00:02',
        architecture: 0,
        status: 'pending',
        requestId: 1,
        firstSeenAt: at,
        lastSeenAt: at,
        polls: 0,
      },
    ]);
    const second = noteSighting(first, { uuid, at: later });
    expect(second[1]).toMatchObject({ firstSeenAt: at, lastSeenAt: later, polls: 1 });
    expect(noteSighting(second, { mac: '52:54:00:00:00:03', at })[2]).toMatchObject({ requestId: 2 });
  });

  it('stays what it is when it is known', () => {
    expect(noteSighting([known], { mac, architecture: 7, at: later })).toEqual([
      { ...known, architecture: 7, lastSeenAt: later },
    ]);
  });

  it.each(['00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'])(
    'is not known by %s, which boards without a UUID all have',
    (none) => {
      const first = noteSighting([], { mac, uuid: none, at });
      expect(first).toMatchObject([{ key: mac }]);
      expect(noteSighting(first, { mac: '52:54:00:00:00:02', uuid: none, at })).toHaveLength(2);
    },
  );
});

describe('a decision', () => {
  const [pending] = noteSighting([], { mac, at });
  if (pending === undefined) throw new Error('expected a pending device');

  it('approves with a name, rejects with a message, and can be changed', () => {
    const approved = decide([pending], pending, {
      status: 'approved',
      name: 'PC01',
      bootProgram: 'boot\\x86\\own.com',
    });
    expect(approved).toEqual([{ ...pending, status: 'approved', name: 'PC01', bootProgram: 'boot\\x86\\own.com' }]);
    const rejected = decide([pending], pending, { status: 'rejected', message: 'not here' });
    expect(rejected).toEqual([{ ...pending, status: 'rejected', message: 'not here' }]);
    expect(decide(rejected, rejected[0] ?? pending, { status: 'approved' })).toEqual([
      { ...pending, status: 'approved' },
    ]);
  });

  it('is forgotten by a reset: it asks again under the number it had', () => {
    const [approved = pending] = decide([pending], pending, { status: 'approved', name: 'PC01', bootProgram: 'x' });
    expect(reset([approved], approved)).toEqual([{ ...pending, name: 'PC01' }]);
    expect(reset([{ ...known, bootProgram: 'x' }], { ...known, bootProgram: 'x' })).toEqual([known]);
  });

  it('is none for a computer that need not ask', () => {
    expect(() => decide([known], known, { status: 'approved' })).toThrow(
      'expected a computer that has asked for approval, got PC01 (52:54:00:00:00:01), which is prestaged',
    );
  });

  it('gives no name twice', () => {
    expect(() => decide([known, pending], { ...pending, key: 'other' }, { status: 'approved', name: 'pc01' })).toThrow(
      'expected a name that no other computer has, got "pc01", which is that of 52:54:00:00:00:01',
    );
    expect(() => rename([known], { ...known, key: 'other' }, 'PC01')).toThrow(
      'expected a name that no other computer has',
    );
    expect(rename([known], known, 'pc01')).toEqual([{ ...known, name: 'pc01' }]);
  });
});

describe('prestaging', () => {
  it('needs an address of a computer that is not known', () => {
    expect(prestage([known], { uuid, name: 'PC02' }, at)).toEqual([
      known,
      { key: uuid, uuid, name: 'PC02', status: 'prestaged', firstSeenAt: at, lastSeenAt: at },
    ]);
    expect(() => prestage([known], { name: 'PC02' }, at)).toThrow(
      "expected the computer's MAC address or UUID (--mac, --uuid), got neither",
    );
    expect(() => prestage([known], { mac, name: 'PC02' }, at)).toThrow(
      'expected a computer that is not known yet, got PC01 (52:54:00:00:00:01) again',
    );
  });
});

describe('a computer that a person names', () => {
  const waiting: Device = {
    ...known,
    key: uuid,
    uuid,
    mac: '52:54:00:00:00:02',
    name: 'PC02',
    requestId: 7,
    status: 'pending',
  };
  it.each(['7', 'pc02', '52-54-00-00-00-02', uuid.toUpperCase()])('is found by %s', (text) =>
    expect(namedDevice([known, waiting], text)).toBe(waiting),
  );
  it('and else is told from those that are known', () => {
    expect(() => namedDevice([known, waiting], '8')).toThrow(
      'got "8" (known: PC01 (52:54:00:00:00:01), PC02 (52:54:00:00:00:02))',
    );
    expect(() => namedDevice([], 'x')).toThrow('(no computer is known)');
  });
  it('is taken out', () => expect(remove([known, waiting], waiting)).toEqual([known]));
});

it('every sequence of changes leaves a list that the store takes, with keys, names and request ids once each', () => {
  const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03'];
  const step = fc.record({
    verb: fc.constantFrom('see', 'prestage', 'approve', 'reject', 'name', 'reset', 'remove'),
    mac: fc.constantFrom(...macs),
    name: fc.constantFrom('PC01', 'PC02'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let devices: readonly Device[] = [];
      for (const { verb, mac, name } of steps) {
        try {
          const one = () => namedDevice(devices, mac);
          if (verb === 'see') devices = noteSighting(devices, { mac, at });
          else if (verb === 'prestage') devices = prestage(devices, { mac, name }, at);
          else if (verb === 'approve') devices = decide(devices, one(), { status: 'approved', name });
          else if (verb === 'reject') devices = decide(devices, one(), { status: 'rejected' });
          else if (verb === 'name') devices = rename(devices, one(), name);
          else if (verb === 'reset') devices = reset(devices, one());
          else devices = remove(devices, one());
        } catch (error) {
          expect(error).toMatchObject({ name: 'ManagementError' });
        }
      }
      for (const device of devices) expect(deviceSchema.safeParse(device).success).toBe(true);
      for (const values of [
        devices.map(({ key }) => key),
        devices.flatMap(({ name }) => name ?? []),
        devices.flatMap(({ requestId }) => (requestId === undefined ? [] : [String(requestId)])),
      ])
        expect(new Set(values).size).toBe(values.length);
      expect(devices.map(describeDevice)).not.toContain('');
    }),
  );
});
