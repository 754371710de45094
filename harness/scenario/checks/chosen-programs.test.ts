import { describe, expect, it } from 'vitest';
import { expandMatrix } from '../matrix/expand-matrix.ts';
import { checkContent } from './content.ts';

const SERVICES = { dhcp: {}, pxe: {}, tftp: {} };
const scenario = (clients: readonly object[], more: object = {}): unknown => ({
  name: 'programs',
  services: SERVICES,
  clients,
  ...more,
});
const UEFI = { name: 'pc', firmware: 'uefi', nic: 'virtio-net-pci' };
const refusals = (value: unknown) =>
  checkContent(value).problems.map(
    ({ path, says, expected, got }) => `${path.join('.')}: ${says ?? `${expected}, got ${got}`}`,
  );

describe('a boot program that a client chooses by its word', () => {
  it.each([['grub'], ['shim'], ['snponly'], ['ipxe']])('may be %s under UEFI', (program) => {
    expect(refusals(scenario([{ ...UEFI, 'boot-program': program }]))).toEqual([]);
  });
  it.each([['pxelinux'], ['undionly']])('may be %s under a BIOS', (program) => {
    expect(refusals(scenario([{ name: 'pc', 'boot-program': program }]))).toEqual([]);
  });

  it.each<[what: string, value: unknown, refusal: string]>([
    [
      'the firmware cannot start',
      scenario([{ ...UEFI, 'boot-program': 'pxelinux' }]),
      'clients.0.boot-program: boot program "pxelinux" does not start under firmware "uefi" (those that do: grub, shim, snponly, ipxe)',
    ],
    [
      'the BIOS cannot start',
      scenario([{ name: 'pc', 'boot-program': 'ipxe' }]),
      'clients.0.boot-program: boot program "ipxe" does not start under firmware "bios" (those that do: pxelinux, undionly)',
    ],
    [
      'nobody signed',
      scenario([{ ...UEFI, firmware: 'uefi-secure-boot', memory: '1GiB', 'boot-program': 'ipxe' }]),
      'clients.0.boot-program: boot program "ipxe" does not start under firmware "uefi-secure-boot" (those that do: shim)',
    ],
    [
      'no processor of Arm runs',
      scenario([{ ...UEFI, firmware: 'uefi-arm64', 'boot-program': 'shim' }], {
        'expect-failure': { step: 'boot.start' },
      }),
      'clients.0.boot-program: boot program "shim" does not start under firmware "uefi-arm64" (those that do: grub, ipxe)',
    ],
    [
      'nobody names to the client',
      scenario([{ ...UEFI, 'boot-program': 'grub' }], { services: { dhcp: { bootfile: 'x' }, tftp: {} } }),
      'clients.0.boot-program: services.pxe without boot files of its own, which then names the boot program, got boot-program grub',
    ],
    [
      'the root has nothing for',
      scenario([{ ...UEFI, 'boot-program': 'grub' }], { services: { ...SERVICES, tftp: { root: 'boot-files/ipxe' } } }),
      'clients.0.boot-program: services.tftp with a bundle as root whose boot programs load the boot image, got boot-program grub',
    ],
    [
      'another client of the same number does not choose',
      scenario([
        { ...UEFI, 'boot-program': 'grub' },
        { ...UEFI, name: 'other', 'boot-program': 'ipxe' },
      ]),
      'clients.1.boot-program: the boot program of pc, which says uefi-x64 (option 93) as well: grub, got ipxe',
    ],
    [
      'the client does not ask for it by PXE over IPv4',
      scenario([{ ...UEFI, 'boot-program': 'grub', transport: 'http-ipv4' }], { services: { ...SERVICES, http: {} } }),
      'clients.0.boot-program: transport pxe-ipv4 beside boot-program, which services.pxe names, got "http-ipv4"',
    ],
  ])('is refused where %s', (_, value, refusal) => expect(refusals(value)).toContain(refusal));
});

it('an axis of boot programs leaves out what a firmware cannot start, and says why', () => {
  const { content } = checkContent(
    scenario([{ name: 'pc', nic: 'virtio-net-pci' }], {
      matrix: { firmware: ['bios', 'uefi'], 'boot-program': ['pxelinux', 'snponly'] },
    }),
  );
  if (content === undefined) throw new Error('expected a scenario without problems');
  const { points, leftOut } = expandMatrix(content);
  expect(points).toEqual([
    { firmware: 'bios', 'boot-program': 'pxelinux' },
    { firmware: 'uefi', 'boot-program': 'snponly' },
  ]);
  expect(leftOut.map(({ why }) => why)).toEqual([
    'boot program "snponly" does not start under firmware "bios"',
    'boot program "pxelinux" does not start under firmware "uefi"',
  ]);
});
