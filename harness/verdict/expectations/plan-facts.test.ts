import { describe, expect, it } from 'vitest';
import { configuredPorts, credentialsOf, knownUsers } from './plan-facts.ts';
import { service } from '../testing/planned-services.ts';

describe('ports', () => {
  it('are those that services were given, by protocol', () =>
    expect(
      configuredPorts([
        service('tftp'),
        service('http', { port: 8080 }),
        service('control', { port: 5041 }),
        service('backup-store', { port: 8001 }),
      ]),
    ).toEqual({ http: [8080], rpc: [5041], restic: [8001], multicast: [] }));
  it('are none of services that were given none', () =>
    expect(
      configuredPorts([service('http'), service('smb'), service('active-directory', { rpcPort: 50_000 })]),
    ).toEqual({
      http: [],
      rpc: [],
      restic: [],
      multicast: [],
    }));
});

describe('users', () => {
  const accounts = [{ name: 'Administrateur', password: 'p' }];

  it.each([
    service('smb', { accounts }),
    service('control', { accounts }),
    service('active-directory', { users: accounts }),
  ])('are those of $kind, whose names have no case', (one) => {
    expect(credentialsOf([service('dhcp'), one])).toEqual([{ user: 'administrateur', password: 'p' }]);
    expect(knownUsers([one])).toEqual(['administrateur']);
  });
  it('are not known of a plan without any', () => expect(knownUsers([service('tftp')])).toBeUndefined());
});
