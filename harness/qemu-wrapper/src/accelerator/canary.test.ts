import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mentions } from '../installation.ts';
import { debugExitBootSector } from './boot-sector.ts';
import { firstTelling } from './canary.ts';
import { decideAccelerator } from './decide-accelerator.ts';

describe('firstTelling', () => {
  it("passes over warnings and programs' names", () => {
    const stderr = [
      "qemu-system-x86_64: warning: host doesn't support requested feature: CPUID.01H:ECX.pni [bit 0]",
      'qemu-system-x86_64: error: failed to set MSR 0x10a to 0xc000069',
      "qemu-system-x86_64: target/i386/kvm/kvm.c:3877: kvm_buf_set_msrs: Assertion `ret == cpu->kvm_msr_buf->nmsrs' failed.",
    ].join('\n');
    expect(firstTelling(stderr)).toBe('failed to set MSR 0x10a to 0xc000069');
  });

  it('joins what KVM prints on several lines', () => {
    expect(
      firstTelling(
        'KVM internal error. Suberror: 1\nextra data[0]: 0x0000000000000001\nemulation failure\nEAX=000b6acb EBX=00030b5c\n',
      ),
    ).toBe('KVM internal error. Suberror: 1: emulation failure');
  });
});

describe('debugExitBootSector', () => {
  it('is one sector that a BIOS takes for bootable', () => {
    const sector = debugExitBootSector({ port: 0xf4, value: 0x2a });
    expect([sector.length, sector[510], sector[511]]).toEqual([512, 0x55, 0xaa]);
  });
});

describe('decideAccelerator', () => {
  it('asks nobody when tcg is wanted', async () => {
    const cacheFolder = await mkdtemp(path.join(tmpdir(), 'accelerator-'));
    expect(await decideAccelerator({ want: 'tcg', cacheFolder, deadlineMs: 1 })).toEqual({
      accel: 'tcg',
      reason: 'tcg was asked for',
      cached: false,
    });
    expect(await readdir(cacheFolder)).toEqual([]);
    await rm(cacheFolder, { recursive: true });
  });
});

describe('mentions', () => {
  it('finds a name in the help of each kind, and no part of another', () => {
    expect(mentions('name "e1000e", bus PCI, desc "Intel 82574L GbE Controller"', 'e1000e')).toBe(true);
    expect(mentions('name "e1000e", bus PCI', 'e1000')).toBe(false);
    expect(mentions('Available netdev backend types:\nsocket\nuser\n', 'user')).toBe(true);
    expect(mentions('q35                  Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)', 'q35')).toBe(true);
  });
});
