import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../reports/testing/temporary-folder.ts';
import { planScenarios } from '../../../plan/scenarios.ts';
import type { Plan } from '../../../plan/plan.ts';
import { loadScenarios } from '../../../scenario/load-scenarios.ts';
import { assumedNeed, bootNeeds, learntNeed, measuredNeed } from './boot-needs.ts';

async function plan(name: string): Promise<Plan> {
  const [first] = (await loadScenarios([`scenarios/${name}.yaml`])).flatMap((scenario) => planScenarios(scenario));
  if (!first) throw new Error(`${name} has no plan`);
  return first;
}

const USAGE = { cpuMs: 8000, vmCpuMs: 7500, waitedForCpuMs: 0, peakMemoryMiB: 400 };

describe('what a boot needs', () => {
  it('is assumed from its clients until it was measured', async () => {
    const { clients } = await plan('wds/install-bios');
    const [client] = clients;
    const memoryMiB = client?.plays === undefined ? (client?.memoryMiB ?? 0) : 0;
    expect(assumedNeed({ clients })).toEqual({ cores: 0.75, memoryMiB: memoryMiB + 264 });
  });

  it('is assumed from those clients that run at the same moment', async () => {
    // pc and workstation at once; replacement starts after pc.
    const { clients } = await plan('backup/two-at-once');
    const memoryMiB = clients.map((client) => (client.plays === undefined ? client.memoryMiB + 64 : 0));
    const [pc = 0, workstation = 0, replacement = 0] = memoryMiB;
    expect(assumedNeed({ clients })).toEqual({
      cores: 1.5,
      memoryMiB: 200 + workstation + Math.max(pc, replacement),
    });
  });

  it('does not count the time in which others had the cores', () => {
    expect(measuredNeed(USAGE, 16_000)).toEqual({ cores: 0.5, memoryMiB: 400 });
    expect(measuredNeed({ ...USAGE, waitedForCpuMs: 16_000 }, 32_000).cores).toBe(0.5);
  });

  it('follows what is measured, and forgets a peak of memory slowly', () => {
    expect(learntNeed({ cores: 1, memoryMiB: 1000 }, { cores: 0.5, memoryMiB: 400 })).toEqual({
      cores: 0.75,
      memoryMiB: 900,
    });
    expect(learntNeed({ cores: 1, memoryMiB: 300 }, { cores: 1, memoryMiB: 400 }).memoryMiB).toBe(400);
  });

  it('is remembered for a scenario and an accelerator, and a damaged memory is none', async () => {
    await using folder = await temporaryFolder();
    const [bios, uefi] = [await plan('wds/install-bios'), await plan('wds/install-uefi')];
    const needs = bootNeeds('tcg', folder.path);
    needs.learn(bios, USAGE, 16_000);
    expect(needs.of(bios).cores).toBe(0.5);
    expect(needs.of(uefi)).toEqual(assumedNeed(uefi));
    expect(bootNeeds('tcg', folder.path).of(bios)).toEqual({ cores: 0.5, memoryMiB: 400 });
    expect(bootNeeds('kvm', folder.path).of(bios)).toEqual(assumedNeed(bios));
    for (const name of await readdir(folder.path)) await writeFile(join(folder.path, name), '{"cores":-1');
    expect(bootNeeds('tcg', folder.path).of(bios)).toEqual(assumedNeed(bios));
  });
});
