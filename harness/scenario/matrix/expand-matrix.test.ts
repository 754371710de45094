import { describe, expect, it } from 'vitest';
import { checkContent } from '../checks/content.ts';
import { expandMatrix } from './expand-matrix.ts';

/** The expansion of a scenario of one client; throws for one that cannot be used. */
function expanded(matrix: unknown, client: Readonly<Record<string, unknown>> = {}, services: unknown = { tftp: {} }) {
  const { content, problems } = checkContent({
    name: 'x',
    services,
    clients: [{ name: 'pc', ...client }],
    matrix,
  });
  if (content === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  const { points, bootable, leftOut } = expandMatrix(content);
  return { points, bootable, leftOut };
}

describe('combinations of a matrix', () => {
  it('whose values do not go together are left out with the reason, when each value boots elsewhere', () => {
    expect(expanded({ firmware: ['bios', 'uefi'], nic: ['e1000', 'i82559c'], cpus: [1, 2] })).toEqual({
      points: [
        { firmware: 'bios', nic: 'e1000', cpus: 1 },
        { firmware: 'bios', nic: 'e1000', cpus: 2 },
        { firmware: 'bios', nic: 'i82559c', cpus: 1 },
        { firmware: 'bios', nic: 'i82559c', cpus: 2 },
        { firmware: 'uefi', nic: 'e1000', cpus: 1 },
        { firmware: 'uefi', nic: 'e1000', cpus: 2 },
      ],
      bootable: 6,
      leftOut: [
        {
          values: { firmware: 'uefi', nic: 'i82559c' },
          why: 'network card "i82559c" does not boot under firmware "uefi"',
          points: 2,
        },
      ],
    });
  });

  it('of firmware and memory are left out where the firmware needs more to boot from the network', () => {
    const served = {
      tftp: { root: 'boot-files/ipxe' },
      dhcp: { bootfiles: { bios: 'undionly.kpxe', 'uefi-x64': 'ipxe.efi' } },
    };
    expect(
      expanded({ firmware: ['bios', 'uefi'], memory: ['32MiB', '64MiB'] }, { nic: 'virtio-net-pci' }, served).leftOut,
    ).toEqual([
      {
        values: { firmware: 'uefi', memory: 32 },
        why: 'firmware "uefi" needs 40MiB of memory to boot from the network',
        points: 1,
      },
    ]);
  });

  it('of firmware, machine type and disk are left out by what QEMU and the firmwares can', () => {
    const { leftOut, bootable } = expanded(
      {
        firmware: ['bios', 'uefi'],
        machine: ['pc', 'q35'],
        'disk-interface': ['virtio', 'sata', 'nvme', 'usb'],
        'disk-block-size': [512, 4096],
      },
      { disk: '1GiB', 'boot-order': ['network', 'disk'] },
    );
    expect(leftOut).toEqual([
      {
        values: { firmware: 'bios', 'disk-block-size': 4096 },
        why: 'firmware "bios" starts only from disks with blocks of 512 bytes',
        points: 6,
      },
      {
        values: { 'disk-interface': 'sata', 'disk-block-size': 4096 },
        why: "QEMU's sata disks have blocks of 512 bytes only",
        points: 4,
      },
    ]);
    expect(bootable).toBe(22);
    // A disk that is only there is not started from.
    const empty = { disk: '1GiB', 'boot-order': ['network'], 'disk-block-size': 4096 };
    expect(expanded({ firmware: ['bios', 'uefi'] }, empty).leftOut).toEqual([]);
    expect(
      expanded({ firmware: ['uefi', 'uefi-secure-boot'], machine: ['pc', 'q35'] }, { memory: '1GiB' }).leftOut,
    ).toEqual([
      {
        values: { firmware: 'uefi-secure-boot', machine: 'pc' },
        why: 'firmware "uefi-secure-boot" runs on machine type q35',
        points: 1,
      },
    ]);
  });

  it('of boot orders are judged by what each boots from', () => {
    const client = { disk: '1GiB' };
    const { points, leftOut } = expanded(
      { firmware: ['bios', 'uefi'], nic: ['e1000', 'i82559c'], 'boot-order': [['network', 'disk'], ['disk']] },
      client,
    );
    // A card that the firmware has no driver for does not matter to who starts from the disk.
    expect(points).toContainEqual({ firmware: 'uefi', nic: 'i82559c', 'boot-order': 'disk' });
    expect(leftOut).toEqual([
      {
        values: { firmware: 'uefi', nic: 'i82559c', 'boot-order': 'network,disk' },
        why: 'network card "i82559c" does not boot under firmware "uefi"',
        points: 1,
      },
    ]);
    const blocks = {
      firmware: ['bios', 'uefi'],
      'disk-block-size': [512, 4096],
      'boot-order': [['network'], ['disk']],
    };
    expect(expanded(blocks, client).leftOut.map(({ values }) => values)).toEqual([
      { firmware: 'bios', 'disk-block-size': 4096, 'boot-order': 'disk' },
    ]);
    const all = {
      firmware: ['bios', 'uefi'],
      nic: ['e1000', 'i82559c'],
      'boot-order': [['network'], ['network', 'disk']],
    };
    expect(expanded(all, client).leftOut.map(({ values, points: count }) => [values, count])).toEqual([
      [{ firmware: 'uefi', nic: 'i82559c' }, 2],
    ]);
  });

  it('of boot orders with a device that no VM has, or with none, or one twice, are a mistake', () => {
    const orders = (...values: string[][]) => ({ 'boot-order': values });
    expect(() => expanded(orders(['network'], ['disk', 'network']))).toThrow(
      'a device that client pc has (give it a disk: 2GiB)',
    );
    expect(() => expanded(orders(['unplugged-nic', 'network']))).toThrow('give it an unplugged-nic: e1000');
    expect(() => expanded(orders([]))).toThrow('at least one device');
    expect(() => expanded(orders(['network', 'network']))).toThrow('every device once');
    expect(() => expanded(orders(['network'], ['network']))).toThrow('every value once');
    expect(() => expanded({ 'boot-order': ['network'] })).toThrow('a list of devices, e.g. [network, disk]');
    expect(expanded(orders(['unplugged-nic', 'network'], ['network']), { 'unplugged-nic': 'pcnet' }).bootable).toBe(2);
  });

  it('with a TPM and without boot under every firmware', () => {
    const { bootable, leftOut } = expanded(
      { firmware: ['bios', 'uefi', 'uefi-secure-boot', 'uefi-arm64'], tpm: [true, false] },
      { nic: 'virtio-net-pci', memory: '1GiB' },
    );
    expect([bootable, leftOut]).toEqual([8, []]);
  });

  it('leave out transports that a firmware does not boot by', () => {
    const services = { dhcpv6: {}, tftp: {}, http: {} };
    const { points, leftOut } = expanded(
      { firmware: ['bios', 'uefi', 'uefi-arm64'], transport: ['pxe-ipv4', 'pxe-ipv6', 'http-ipv6'] },
      { nic: 'virtio-net-pci' },
      services,
    );
    expect(points).toHaveLength(5);
    expect(leftOut).toEqual(
      ['bios', 'uefi-arm64'].flatMap((firmware) =>
        ['pxe-ipv6', 'http-ipv6'].map((transport) => ({
          values: { firmware, transport },
          why: `firmware "${firmware}" does not boot by transport "${transport}"`,
          points: 1,
        })),
      ),
    );
  });

  it('with a transport that no service of the scenario speaks are a mistake', () => {
    const axes = { transport: ['pxe-ipv4', 'http-ipv6'] };
    expect(() => expanded(axes, { firmware: 'uefi' }, { dhcpv6: {}, tftp: {} })).toThrow(
      'transport \\"http-ipv6\\" needs services.http, which the scenario does not have',
    );
    expect(() => expanded(axes, { firmware: 'uefi' }, { tftp: {}, http: {} })).toThrow('needs services.dhcpv6,');
    expect(expanded(axes, { firmware: 'uefi' }, { dhcpv6: {}, tftp: {}, http: {} }).points).toHaveLength(2);
  });

  it("are left out by the scenario's own exclusions, which come first", () => {
    const { points, leftOut } = expanded({
      firmware: ['bios', 'uefi'],
      nic: ['e1000', 'i82559c'],
      exclude: [{ nic: 'i82559c', firmware: 'uefi' }],
    });
    expect(points).toHaveLength(3);
    expect(leftOut).toEqual([
      { values: { nic: 'i82559c', firmware: 'uefi' }, why: 'the scenario excludes it', points: 1 },
    ]);
  });

  it('with a value that boots nowhere are a mistake', () => {
    expect(() => expanded({ nic: ['e1000', 'i82559c'] }, { firmware: 'uefi' })).toThrow('matrix');
    expect(() => expanded({ memory: ['512MiB', '32MiB'] })).toThrow('memory');
  });

  it('are chosen by pairs among those that boot', () => {
    const { points, bootable } = expanded({
      firmware: ['bios', 'uefi'],
      nic: ['e1000', 'i82559c', 'pcnet'],
      cpus: [1, 2],
      memory: ['512MiB', '1GiB'],
      choose: 'pairwise',
    });
    expect(bootable).toBe(20);
    expect(points.length).toBeLessThanOrEqual(8);
    expect(points).not.toContainEqual(expect.objectContaining({ firmware: 'uefi', nic: 'i82559c' }));
  });
});
