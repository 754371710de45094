import { describe, expect, it } from 'vitest';
import { configuredPorts, credentialsOf, hypervisorsOf, knownUsers } from './plan-facts.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { parseScenario } from '../../scenario/testing/parse-scenario.ts';
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
    ).toEqual({ http: [8080], rpc: [5041], restic: [8001], tls: [8001], multicast: [] }));
  it('are none of services that were given none', () =>
    expect(
      configuredPorts([service('http'), service('smb'), service('active-directory', { rpcPort: 50_000 })]),
    ).toEqual({
      http: [],
      rpc: [],
      restic: [],
      tls: [],
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

it('hypervisors are known by their addresses, and speak for the clients whose disks they save', () => {
  const [plan] = planScenarios(
    parseScenario(
      `name: x
services: { dhcp: {}, tftp: {}, backups: {} }
clients:
  - { name: plain }
  - { name: pc, mac: '52:54:00:00:00:0A', disk-image: disks/linux-bios, agent: { mode: work } }
  - { name: other, mac: '52:54:00:00:00:0B', disk-image: disks/linux-bios, agent: { mode: work } }
`,
      'x.yaml',
      '/scenarios',
    ).scenario,
  );
  expect([...hypervisorsOf(plan ?? {})]).toEqual([
    ['172.22.52.206', '52:54:00:00:00:0a'],
    ['172.22.52.205', '52:54:00:00:00:0b'],
  ]);
  expect([...hypervisorsOf({})]).toEqual([]);
});
