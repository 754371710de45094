import { describe, expect, it } from 'vitest';
import type { Device } from '../../state/device-store.ts';
import { accountChange, undoing } from './account-change.ts';

const AT = '2026-11-24T12:00:00.000Z';
const device = (more: Partial<Device> = {}): Device => ({
  key: '52:54:00:00:00:01',
  mac: '52:54:00:00:00:01',
  name: 'PC01',
  status: 'prestaged',
  firstSeenAt: AT,
  lastSeenAt: AT,
  ...more,
});
const nameless = (status: Device['status']): Device => {
  const { name: _, ...rest } = device({ status });
  return rest;
};

describe('a change of a device', () => {
  it.each<[string, Device | undefined, Device | undefined, ReturnType<typeof accountChange>]>([
    [
      'prestaged makes one where the device belongs',
      undefined,
      device({ join: { domain: 'SYSTEM', organizationalUnit: 'OU=Workshop' } }),
      { verb: 'ensure', name: 'PC01', make: true, organizationalUnit: 'OU=Workshop' },
    ],
    ['prestaged without a name makes none', undefined, nameless('prestaged'), undefined],
    [
      'approved under a name makes one',
      nameless('pending'),
      device({ status: 'approved' }),
      { verb: 'ensure', name: 'PC01', make: true },
    ],
    [
      'named anew renames it',
      device(),
      device({ name: 'PC02' }),
      { verb: 'ensure', name: 'PC02', formerName: 'PC01', make: true },
    ],
    [
      'named while it waits makes none',
      nameless('pending'),
      device({ status: 'pending' }),
      { verb: 'ensure', name: 'PC01', make: false },
    ],
    [
      'rejected makes none',
      device({ status: 'approved' }),
      device({ status: 'rejected' }),
      { verb: 'ensure', name: 'PC01', formerName: 'PC01', make: false },
    ],
    ['removed deletes it', device(), undefined, { verb: 'delete', name: 'PC01' }],
    ['removed before it had a name deletes none', nameless('pending'), undefined, undefined],
  ])('%s', (_, before, after, change) => {
    expect(accountChange(before, after)).toEqual(change);
  });

  it('is taken back by its opposite, where it has one', () => {
    const rename = { verb: 'ensure', name: 'PC02', formerName: 'PC01', make: true } as const;
    expect(undoing(rename, 'renamed')).toEqual({ verb: 'ensure', name: 'PC01', formerName: 'PC02', make: false });
    expect(undoing(rename, 'made')).toEqual({ verb: 'delete', name: 'PC02' });
    expect(undoing(rename, 'nothing')).toBeUndefined();
    expect(undoing({ verb: 'delete', name: 'PC02' }, 'deleted')).toBeUndefined();
  });
});
