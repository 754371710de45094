import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLE_CONTENTS, filesOfBundle } from '../../vm-images/bundle-contents.ts';
import { fileParts } from '../scenario/checks/served-files.ts';
import { treeOf } from '../scenario/tree.ts';
import { FILE_SERVICES } from '../scenario/defaults.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { findScenarios } from '../scenario/load-scenarios.ts';
import { tftpMisbehaviour } from '../scenario/schema/misbehaviour.ts';
import { planScenarios } from './scenarios.ts';
import type { Plan } from './plan.ts';
import { TREE_ROOTS } from './trees.ts';
import { takenConfig } from './testing/taken-config.ts';

// The scenarios that come with the project: each of them loads, plans, and configures services that would start.

const PROJECT = join(import.meta.dirname, '..', '..');

const files = (await findScenarios(join(PROJECT, 'scenarios'))).map((file) => relative(PROJECT, file));

async function plansOf(file: string): Promise<readonly Plan[]> {
  return planScenarios(await loadScenario(join(PROJECT, file)));
}

it('there are bundled scenarios', () => expect(files).toContain('scenarios/wds/install-bios.yaml'));

describe.each(files)('%s', (file) => {
  it('plans, and every service takes its configuration', async () => {
    const plans = await plansOf(file);
    expect(plans.length).toBeGreaterThan(0);
    for (const service of plans.flatMap(({ services }) => services))
      expect(() => takenConfig(service), service.kind).not.toThrow();
  });

  it('tells editors which schema it has', async () => {
    if (!file.endsWith('.yaml')) return;
    const up = '../'.repeat(file.split('/').length - 2);
    expect((await readFile(join(PROJECT, file), 'utf8')).split('\n')[0]).toBe(
      `# yaml-language-server: $schema=${up}scenario.schema.json`,
    );
  });

  it('names its steps, its description and a timeout', async () => {
    const scenario = await loadScenario(join(PROJECT, file));
    expect(scenario).toMatchObject({
      description: expect.any(String) as unknown,
      timeout: expect.any(Number) as unknown,
    });
    for (const steps of scenario.steps ? [scenario.steps] : scenario.clients.map((client) => client.steps))
      expect(steps?.length).toBeGreaterThan(0);
  });
});

it('every misbehaviour that the TFTP server offers has a bundled scenario', async () => {
  const scenarios = await Promise.all(files.map((file) => loadScenario(join(PROJECT, file))));
  const shown = new Set(scenarios.flatMap(({ services }) => Object.keys(services.tftp?.misbehave ?? {})));
  expect(Object.keys(tftpMisbehaviour.shape).filter((name) => !shown.has(name))).toEqual([]);
});

it('the full install is planned to the last value', async () => {
  const [plan, ...more] = await plansOf('scenarios/wds/install-bios.yaml');
  expect(more).toEqual([]);
  await expect(
    `${JSON.stringify({ ...plan, file: 'scenarios/wds/install-bios.yaml', expectations: plan?.expectations.map((one) => ({ ...one, source: relative(PROJECT, one.source) })) }, null, 2)}\n`,
  ).toMatchFileSnapshot('testdata/install-bios.plan.json');
});

it('bundles that declare what they hold have a recipe', async () => {
  const { RECIPES } = await import('../../vm-images/recipes.ts');
  const names = RECIPES.map((recipe) => recipe.name);
  expect(Object.keys(BUNDLE_CONTENTS).filter((name) => !names.includes(name))).toEqual([]);
});

describe('names are looked up in what the plan lays out', () => {
  const laidOut = (entries: Plan['trees'][number]['entries']): string[] =>
    entries.flatMap((entry) =>
      'bundle' in entry
        ? (filesOfBundle(entry.bundle) ?? []).map((file) => join(entry.path, file))
        : 'text' in entry
          ? // A client's own configuration has the name of its MAC address: boot programs only try it.
            [entry.path].filter((path) => !/(\/pxelinux\.cfg\/|\/grub\.cfg-|\.ipxe-)01-/.test(path))
          : // What the lab itself makes.
            [entry.path].filter(() => entry.source.startsWith('${run}')),
    );
  it.each(files)('%s', async (file) => {
    const scenario = await loadScenario(join(PROJECT, file));
    const plans = planScenarios(scenario);
    for (const kind of FILE_SERVICES) {
      // What is served at one point of the matrix or another.
      const entries = plans.flatMap(({ trees }) => trees.find(({ root }) => root === TREE_ROOTS[kind])?.entries ?? []);
      const parts = scenario.services[kind] ? fileParts(scenario, kind) : [];
      const { known } = treeOf(
        parts.filter((part) => !('file' in part && 'file' in part.file)),
        scenario.source.folder,
      );
      expect([...new Set(known)].toSorted()).toEqual([...new Set(laidOut(entries))].toSorted());
    }
  });
});
