import { expect, it } from 'vitest';
import { planScenarios } from '../../plan/scenarios.ts';
import { parseScenario } from '../../scenario/testing/parse-scenario.ts';
import { vmSpec } from './client-vm.ts';

const LEFT = { file: '/disk', format: 'raw' } as const;

it.each([
  ['disk: 1GiB', ['virtio']],
  ['disk: 1GiB, disk-interface: ide', ['ide']],
  ['firmware: bios', []],
])('attaches the disk of a client with %s to %j', (keys, interfaces) => {
  const { scenario } = parseScenario(
    `name: x\nservices: { tftp: {} }\nclients: [{ name: pc, ${keys} }]\n`,
    'x.yaml',
    '/x',
  );
  const client = planScenarios(scenario)[0]?.clients[0];
  if (client === undefined || client.plays !== undefined) throw new Error('expected a VM');
  const { disks } = vmSpec(client, 0, 'tcg', client.bootOrder, LEFT);
  expect(disks?.map((disk) => disk.interface)).toEqual(interfaces);
});
