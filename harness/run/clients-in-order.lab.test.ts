import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Result } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

/** The ROM of QEMU's cards, by another name and with a habit that it does not have. */
const HOUSE_ROM = `profiles:
  - name: house-rom
    title: our ROM
    about: the ROM of the test
    signs: [{ dhcp.user-class: iPXE }]
    habits: { dhcp.message-size: [{ value: '576', evidence: nobody's }] }
`;

it('powers clients on one after another, each judged by its own story; who follows a failure is skipped', {
  timeout: 240_000,
}, async () => {
  await using out = await temporaryFolder();
  await using profiles = await temporaryFolder();
  const profile = join(profiles.path, 'house-rom.yaml');
  await writeFile(profile, HOUSE_ROM);
  const { exitCode, stdout } = await pxewright([
    'run',
    'harness/run/testing/in-order/in-order.yaml',
    '--out',
    out.path,
    '--profile',
    profile,
  ]);
  const { result, folder } = await onlyRun(out.path);
  const [scenario] = result.scenarios;
  const clients = scenario?.clients ?? [];
  expect(clients.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['last', 'skipped'],
    ['first', 'passed'],
    ['unanswered', 'passed'],
    ['fails', 'failed'],
  ]);
  expect([exitCode, scenario?.verdict]).toEqual([1, 'failed']);
  expect(scenario?.why).toMatch(/^fails: dhcp\.offer: no DHCP server answered/);

  const [last, first, unanswered, fails] = clients;
  expect(last).toMatchObject({ why: 'not powered on: it starts after fails, whose story did not pass', steps: [] });
  expect(first?.poweredOnMs).toBeUndefined();
  expect(unanswered?.poweredOnMs).toBeGreaterThan(first?.steps.find(({ step }) => step === 'dhcp.ack')?.atMs ?? 0);
  expect(fails?.poweredOnMs).toBeGreaterThan(unanswered?.poweredOnMs ?? 0);
  // Each one's clock begins with its own power-on: firmware takes seconds, and not the time of those before.
  for (const client of [unanswered, fails]) expect(client?.phases['firmware']).toBeLessThan(fails?.poweredOnMs ?? 0);

  expect(unanswered?.expectedFailure).toEqual({ step: 'dhcp.offer', cause: 'dhcp-silent' });
  expect(stdout).toContain('last: not powered on: it starts after fails');
  // What was to fail is not among what went wrong.
  expect(stdout.match(/^ {4}\w+: dhcp\.offer at /gm)).toEqual(['    fails: dhcp.offer at ']);
  const junit = await readFile(join(folder, 'junit.xml'), 'utf8');
  expect(junit).toMatch(/<testsuites [^>]*failures="1" errors="0"/);
  expect(junit).toMatch(/<failure [^>]*type="dhcp-silent"/);

  // Who speaks, and what it is known to do, says the profile of the command line.
  for (const { name, profiles, steps } of clients.filter((client) => client.verdict !== 'skipped')) {
    expect(profiles?.[0], name).toMatchObject({ name: 'house-rom', title: 'our ROM' });
    expect(steps.filter(({ step }) => step === 'profile.left')).toMatchObject([
      {
        verdict: 'recorded',
        detail: { profile: 'house-rom', habit: 'dhcp.message-size', expected: '576', got: '1472' },
      },
    ]);
  }
  expect(scenario?.rerun?.join()).toContain(` --profile ${profile}`);

  // A replay knows it from beside the capture.
  const replayed = await pxewright([
    'replay',
    join(folder, scenario?.capture?.file ?? ''),
    '--scenario',
    'harness/run/testing/in-order/in-order.yaml',
    '--json',
  ]);
  const again = (JSON.parse(replayed.stdout) as Result).scenarios[0]?.clients;
  expect(
    again?.map(({ verdict, steps, poweredOnMs, phases, why }) => ({ verdict, steps, poweredOnMs, phases, why })),
  ).toEqual(
    clients.map(({ verdict, steps, poweredOnMs, phases, why }) => ({ verdict, steps, poweredOnMs, phases, why })),
  );
});
