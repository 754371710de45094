import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

// Debian's PXELINUX, without what the bundle puts beside it.
const ALLOW = ['--allow-root', '/usr/lib'];

it('ends a boot in which nothing moves, and says what it is stuck at; a replay of its capture says the same', {
  timeout: 240_000,
}, async () => {
  await using out = await temporaryFolder();
  const scenario = join(import.meta.dirname, 'testing', 'stuck.yaml');
  const { exitCode } = await pxewright(['run', scenario, ...ALLOW, '--out', out.path]);
  const { result, folder } = await onlyRun(out.path);
  const [client] = result.scenarios[0]?.clients ?? [];
  const failed = client?.steps.filter(({ verdict }) => verdict === 'failed') ?? [];
  expect(exitCode).toBe(1);
  expect(result.scenarios[0]?.rerun?.[0]).toContain(ALLOW.join(' '));
  expect(failed).toMatchObject([{ step: 'smb.tree-connect', cause: 'boot-configuration-missing' }]);
  expect(failed[0]?.actual).toMatch(
    /which serves \/usr\/lib\/PXELINUX, has none of the \d+ configurations that PXELINUX asked for: .*“pxelinux.cfg\/default”/,
  );
  expect(failed[0]?.actual).toMatch(/it sent and wrote nothing for 10 s \(idle-timeout\)/);
  // Far before its timeout of 4 minutes.
  expect(client?.screenshots?.at(-1)?.title).toBe('when nothing moved any more');

  const capture = join(folder, result.scenarios[0]?.capture?.file ?? '');
  const replayed = await pxewright(['replay', capture, '--scenario', scenario, ...ALLOW, '--json']);
  expect(replayed.exitCode).toBe(1);
  const again = JSON.parse(replayed.stdout) as typeof result;
  expect(again.scenarios[0]?.clients[0]?.steps).toEqual(client?.steps);
});
