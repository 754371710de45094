import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRMWARE_NAMES, firmwareRow, type Firmware } from '#qemu-wrapper/nic-models';
import type { ClientResult, Result } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import type { StepName } from '../protocols/words.ts';
import { ARCHITECTURE_OF } from '../scenario/defaults.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

// Each firmware with the least memory that it is declared to boot with, and with one step less, on its default machine.

interface Told {
  /** What it loads, on this host. */
  readonly program: string;
  /** What that program does first. */
  readonly starts: string;
  /** What does not happen with one step less. */
  readonly failsAt: StepName;
}

const IPXE = 'dhcp.discover: { userClass: iPXE }';
const TOLD: Readonly<Record<Firmware, Told>> = {
  // It loads the program whole, which then says nothing.
  bios: { program: '/usr/lib/ipxe/undionly.kpxe', starts: IPXE, failsAt: 'dhcp.discover' },
  uefi: { program: '/usr/lib/ipxe/snponly.efi', starts: IPXE, failsAt: 'dhcp.discover' },
  // It loads the program whole, and goes on with its next boot entry.
  'uefi-secure-boot': {
    program: '/usr/lib/shim/shimx64.efi.signed',
    starts: 'tftp.read-request: { path: { matches: grubx64 } }',
    failsAt: 'boot.start',
  },
  'uefi-arm64': { program: '/usr/lib/ipxe/ipxe-arm64.efi', starts: IPXE, failsAt: 'dhcp.discover' },
};

/** One step below the least memory, MiB. */
const below = (leastMiB: number): number => leastMiB - (leastMiB < 8 ? 1 : 8);

function scenario(firmware: Firmware): string {
  const { leastMemoryMiB, flash } = firmwareRow(firmware);
  const { starts, failsAt } = TOLD[firmware];
  // Under a BIOS the ROM of the card is iPXE as well, and would take the script in the place of the program.
  const script = flash === undefined ? '' : ', user-classes: { iPXE: script }';
  const client = (name: string, miB: number): string =>
    `name: ${name}, firmware: ${firmware}, nic: virtio-net-pci, boot-order: [network], memory: ${miB}MiB`;
  const steps = `steps: [dhcp.ack, tftp.transfer: { path: program }, ${starts}]`;
  return `
name: Memory of ${firmware}
services:
  dhcp: { bootfiles: { ${ARCHITECTURE_OF[firmware]}: program }${script}, ipxe-no-proxy: true }
  tftp: { root: ./${firmware} }
clients:
  - { ${client('least', leastMemoryMiB)}, ${steps} }
  - { ${client('less', below(leastMemoryMiB))}, ${steps}, expect-failure: { step: ${failsAt}, cause: too-little-memory } }
budgets: { firmware: 40s, dhcp: 30s, os: 20s }
timeout: 2m
`;
}

let result: Result;
let work: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  work = await temporaryFolder();
  for (const firmware of FIRMWARE_NAMES) {
    await mkdir(join(work.path, firmware));
    await copyFile(TOLD[firmware].program, join(work.path, firmware, 'program'));
    // What iPXE is told to load once it runs, in the place of itself.
    await writeFile(join(work.path, firmware, 'script'), '#!ipxe\npoweroff\n');
    await writeFile(join(work.path, `${firmware}.yaml`), scenario(firmware));
  }
  // Most of the time they wait: all at once, whatever the host has.
  await pxewright(['run', work.path, '--workers', String(FIRMWARE_NAMES.length), '--out', join(work.path, 'runs')]);
  ({ result } = await onlyRun(join(work.path, 'runs')));
}, 240_000);
afterAll(() => work[Symbol.asyncDispose]());

describe.each(FIRMWARE_NAMES)('firmware %s', (firmware) => {
  const client = (name: string): ClientResult | undefined =>
    result.scenarios.find((one) => one.name === `Memory of ${firmware}`)?.clients.find((one) => one.name === name);
  const { leastMemoryMiB } = firmwareRow(firmware);

  it('boots from the network with the least memory that is declared for it', () => {
    const { verdict, why, steps = [] } = client('least') ?? {};
    // The steps say what came instead.
    expect(
      why === undefined ? [] : [why, ...steps.map((one) => `${one.step} ${one.verdict} ${one.frames.join()}`)],
    ).toEqual([]);
    expect(verdict).toBe('passed');
  });

  it('does not with one step less, and the result names its memory and what it needs', () => {
    expect(client('less')?.verdict).toBe('passed');
    expect(client('less')?.steps.filter(({ verdict }) => verdict === 'failed')).toMatchObject([
      {
        step: TOLD[firmware].failsAt,
        cause: 'too-little-memory',
        actual: expect.stringContaining(
          `the client has ${below(leastMemoryMiB)} MiB of memory, and firmware ${firmware} needs ${leastMemoryMiB} MiB`,
        ) as string,
      },
    ]);
  });
});
