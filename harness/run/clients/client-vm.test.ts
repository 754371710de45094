import { expect, it } from 'vitest';
import type { VmPlan } from '../../plan/plan.ts';
import { planScenarios } from '../../plan/scenarios.ts';
import { parseScenario } from '../../scenario/testing/parse-scenario.ts';
import { vmSpec } from './client-vm.ts';

const LEFT = { file: '/disk', format: 'raw' } as const;

function planned(keys: string): VmPlan {
  const { scenario } = parseScenario(
    `name: x\nservices: { dhcpv6: {}, tftp: {}, http: {} }\nclients: [{ name: pc, ${keys} }]\n`,
    'x.yaml',
    '/x',
  );
  const client = planScenarios(scenario)[0]?.clients[0];
  if (client === undefined || client.plays !== undefined) throw new Error('expected a VM');
  return client;
}
const specOf = (keys: string) => {
  const client = planned(keys);
  return vmSpec(client, 0, 'tcg', client.bootOrder, LEFT);
};

it.each([
  ['disk: 1GiB', [['virtio', undefined]]],
  ['disk: 1GiB, disk-interface: ide', [['ide', undefined]]],
  ['firmware: uefi, disk: 1GiB, disk-interface: nvme, disk-block-size: 4096', [['nvme', 4096]]],
  ['firmware: bios', []],
])('attaches the disk of a client with %s to %j', (keys, disks) => {
  expect(specOf(keys).disks?.map((disk) => [disk.interface, disk.blockSize])).toEqual(disks);
});

it('has the machine type and the TPM that the scenario says, and the default of neither', () => {
  expect(specOf('machine: q35, tpm: true')).toMatchObject({ machineType: 'q35', tpm: true });
  expect(Object.keys(specOf('tpm: false'))).not.toEqual(expect.arrayContaining(['machineType']));
  expect(specOf('tpm: false').tpm).toBeUndefined();
});

it('puts a card without a cable first, and starts it only where the boot order says so', () => {
  const nics = (keys: string) =>
    specOf(`unplugged-nic: pcnet${keys}`).nics?.map(({ model, netDevice, bootIndex, romFile }) => [
      model,
      netDevice.kind,
      bootIndex,
      romFile,
    ]);
  expect(nics('')).toEqual([
    ['pcnet', 'unplugged', undefined, ''],
    ['e1000', 'tap', 0, undefined],
  ]);
  expect(nics(', boot-order: [unplugged-nic, network]')).toEqual([
    ['pcnet', 'unplugged', 0, undefined],
    ['e1000', 'tap', 1, undefined],
  ]);
  expect(planned('unplugged-nic: pcnet').unpluggedNic?.mac).not.toBe(planned('unplugged-nic: pcnet').mac);
});

it('leaves the order to variables that the client brings: a bootindex would have EDK2 rewrite them', () => {
  const { firmwareFiles, nics = [], disks = [] } = specOf('firmware: uefi, disk: 1GiB, firmware-variables: ./v.fd');
  expect(firmwareFiles).toEqual({ variables: '/x/v.fd' });
  expect([...nics, ...disks].map(({ bootIndex }) => bootIndex)).toEqual([undefined, undefined]);
  expect(nics[0]?.romFile).toBeUndefined();
});

it('gives the next start the order that the client has then', () => {
  const client = planned('disk: 1GiB, next-boot-order: [disk, network], after: { next-start: network }');
  const indexes = (order: VmPlan['bootOrder']) => {
    const { nics = [], disks = [] } = vmSpec(client, 0, 'tcg', order, LEFT);
    return [...nics, ...disks].map(({ bootIndex }) => bootIndex);
  };
  expect(indexes(client.bootOrder)).toEqual([0, 1]);
  expect(indexes(client.nextBootOrder ?? [])).toEqual([1, 0]);
});

it.each([
  ['pxe-ipv4', [], undefined],
  ['pxe-ipv6', ['IPv4Support'], undefined],
  ['http-ipv4', ['IPv4PXESupport', 'IPv6Support'], undefined],
  ['http-ipv6', ['IPv4Support', 'IPv6PXESupport'], 3000],
])('%s is the first network entry of a UEFI without %j', (transport, off, waitMs) => {
  const { firmwareStrings, bootWaitMs } = specOf(`firmware: uefi, transport: ${transport}`);
  expect(firmwareStrings).toEqual(Object.fromEntries(off.map((name) => [`opt/org.tianocore/${name}`, 'n'])));
  expect(bootWaitMs).toBe(waitMs);
});
