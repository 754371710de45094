import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { startVitest } from 'vitest/node';

// The entry point as its user has it: vitest itself runs a file that calls it, with a runner that boots nothing.

const FIXTURES = join(import.meta.dirname, 'testdata');
let modules: readonly TestModule[] = [];
let close = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  const vitest = await startVitest([], {
    config: false,
    root: FIXTURES,
    watch: false,
    reporters: [{}],
    include: ['*.fixture.ts'],
    cache: false,
  });
  close = () => vitest.close();
  modules = vitest.state.getTestModules();
  // The test checks the fixture's failures; they are not failures of this run.
  process.exitCode = undefined;
}, 60_000);
afterAll(() => close());

function outcomes(file: string): Readonly<Record<string, readonly [state: string, text: string | undefined]>> {
  const module = modules.find((one) => one.moduleId.endsWith(file));
  return Object.fromEntries(
    [...(module?.children.allTests() ?? [])].map((test) => {
      const result = test.result();
      return [test.fullName, [result.state, result.state === 'skipped' ? result.note : result.errors?.[0]?.message]];
    }),
  );
}

describe('a folder of scenarios in vitest', () => {
  it('is one test for each scenario and matrix point', () => {
    expect(outcomes('folder.fixture.ts')).toEqual({
      'Two cards > cards[nic=e1000]': ['passed', undefined],
      'Two cards > cards[nic=pcnet]': [
        'failed',
        [
          'cards[nic=pcnet]: failed: the boot file is missing',
          'pc: tftp.error at 7.4 s, frames 12 to 14 (boot-file-missing)',
          '  expected: “boot\\x86\\wdsnbp.com” to be transferred',
          '  actual:   error 1 by the server: File not found',
          '  why:      nobody put the file on the server',
          'report: /somewhere/report.html',
          'run it again: npm run -s pxewright -- run cards.yaml',
        ].join('\n'),
      ],
      'No emulator > skipped': ['skipped', 'qemu-system-x86_64 is not installed'],
      'Broken lab > broken': ['failed', 'broken: no verdict, the lab failed: no bridge'],
    });
  });

  it('that cannot be used fails before anything runs', () => {
    const module = modules.find((one) => one.moduleId.endsWith('unusable.fixture.ts'));
    expect(module?.errors().map((error) => error.message.replace(FIXTURES, '…'))).toEqual([
      '…/unusable/bad.yaml:3:10: clients: expected at least one client, got an empty list',
    ]);
  });

  it('names files outside of its folder only where allowRoots allows them', () => {
    const module = modules.find((one) => one.moduleId.endsWith('/stranger.fixture.ts'));
    expect(module?.errors()[0]?.message.replaceAll(FIXTURES, '…')).toContain(
      "…/stranger/outside.yaml:2:27: services.tftp.root: expected a path below the scenario's folder …/stranger, or below one that --allow-root names (allowRoots in describeScenarios), got …/served",
    );
    expect(outcomes('/allowed.fixture.ts')).toEqual({ 'Outside > stranger/outside': ['skipped', 'allowed'] });
  });
});
