import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { qemuHas, qemuLacks, QemuNotFoundError, qemuVersion } from '../installation.ts';
import { runCanary, type CanaryResult } from './canary.ts';
import { decideAccelerator } from './decide-accelerator.ts';

let cacheFolder: string;
beforeEach(async () => {
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'accelerator-'));
});
afterEach(() => rm(cacheFolder, { recursive: true }));

const DEADLINE_MS = 60_000;

describe('the canary', () => {
  it('boots by PXE under tcg', async () => {
    expect(await runCanary('tcg', { deadlineMs: DEADLINE_MS })).toMatchObject({
      alive: true,
      reason: expect.stringMatching(/^canary booted by PXE in \d+\.\d s$/) as string,
    });
  });

  it('says how long it was silent', async () => {
    // Long enough for QEMU to start on a busy host; a boot takes 6 s, since iPXE waits for keys and for offers.
    expect(await runCanary('tcg', { deadlineMs: 4000 })).toMatchObject({
      alive: false,
      reason: expect.stringMatching(/^canary silent for \d+\.\d s of 4\.0 s$/) as string,
    });
  });

  it('says why QEMU did not start', async () => {
    expect(await runCanary('tcg', { deadlineMs: DEADLINE_MS, cpuModel: 'no-such-cpu' })).toMatchObject({
      alive: false,
      reason: expect.stringContaining('no-such-cpu') as string,
    });
  });
});

describe('decideAccelerator', () => {
  /** One boot for all of these tests: a KVM that does not work keeps a core busy for a quarter of a minute before it says so. */
  let booted: Promise<CanaryResult> | undefined;
  let asked = 0;
  const canary: typeof runCanary = (...how) => {
    asked++;
    return (booted ??= runCanary(...how));
  };
  const options = () => ({ want: 'auto', cacheFolder, deadlineMs: DEADLINE_MS, canary }) as const;

  it('asks the canary once for the life of this host, and again when told to', async () => {
    const first = await decideAccelerator(options());
    expect(first.cached).toBe(false);
    expect(first.reason).toMatch(first.accel === 'kvm' ? /^kvm: canary booted/ : /^kvm is not usable: ./);
    const [file = ''] = await readdir(cacheFolder);
    // Without /dev/kvm there is nothing to ask, and nothing to keep.
    if (file === '') return;
    expect(await decideAccelerator(options())).toEqual({ ...first, cached: true });
    expect(asked).toBe(1);
    expect(await decideAccelerator({ ...options(), ignoreCache: true })).toEqual(first);
    expect(asked).toBe(2);
    await writeFile(path.join(cacheFolder, file), '{"alive":');
    expect(await decideAccelerator(options())).toEqual(first);
    expect(asked).toBe(3);
  });

  it('does as it is told by want: kvm, or says what is in the way', async () => {
    const auto = await decideAccelerator(options());
    const demanded = decideAccelerator({ ...options(), want: 'kvm' });
    if (auto.accel === 'kvm') expect((await demanded).accel).toBe('kvm');
    else
      await expect(demanded).rejects.toThrow(
        `kvm was asked for and is not usable here: ${auto.reason.replace('kvm is not usable: ', '')}; what helps: `,
      );
  });
});

describe('the installed QEMU', () => {
  it('has a version and what VMs need', async () => {
    expect(await qemuVersion()).toMatch(/^\d+\.\d+\.\d+$/);
    expect(
      await qemuLacks({
        device: 'e1000',
        netdev: 'dgram',
        display: 'none',
        accel: 'tcg',
        machine: 'q35',
        chardev: 'socket',
      }),
    ).toEqual([]);
    expect(await qemuLacks({ device: 'no-such-device', netdev: 'tap' })).toEqual(['device no-such-device']);
    expect(await qemuHas({ netdev: 'no-such' })).toBe(false);
  });

  it('is named when it is not there', async () => {
    await expect(qemuVersion('qemu-system-nowhere')).rejects.toThrow(QemuNotFoundError);
  });
});
