import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Result } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

it('powers clients on one after another, each judged by its own story; who follows a failure is skipped', {
  timeout: 240_000,
}, async () => {
  await using out = await temporaryFolder();
  const { exitCode, stdout } = await pxewright([
    'run',
    'harness/run/testing/in-order/in-order.yaml',
    '--out',
    out.path,
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
