import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright, PROJECT } from '../run/testing/pxewright.ts';

// From a capture to a scenario, from there to a boot in a lab, and back to the capture: do the two part?

it.each([
  [
    'iPXE and dnsmasq: a proxyDHCP server with a menu, and a boot file that is not there',
    fileURLToPath(new URL('../observe/testdata/bios-proxy.pcap', import.meta.url)),
    'failed as expected: tftp.error (boot-file-missing)',
    9,
  ],
])(
  '%s',
  async (_, capture, outcome, common) => {
    await using folder = await temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    await copyFile(capture, at('field.pcap'));
    const recorded = await pxewright(['record', at('field.pcap'), '-o', at('field.yaml')]);
    expect(recorded).toMatchObject({ exitCode: 0 });
    const ran = await pxewright(['run', at('field.yaml'), '--out', at('runs')]);
    expect(ran.stdout).toContain(outcome);
    expect(ran.exitCode).toBe(0);
    const { folder: run } = await onlyRun(at('runs'));
    const compared = await pxewright(['compare', at('field.pcap'), run]);
    expect(compared.stdout).toContain(`✓ the same ${common} steps`);
    expect(compared.exitCode).toBe(0);
  },
  120_000,
);

it('a lab’s own capture of a played client, whose server gives up in the middle', async () => {
  await using folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  await pxewright(['run', join(PROJECT, 'scenarios/pxe/tftp-error-midway.yaml'), '--out', at('first')]);
  const first = await onlyRun(at('first'));
  const capture = join(first.folder, first.result.scenarios[0]?.capture?.file ?? '');
  await pxewright(['record', capture, '-o', at('again.yaml')]);
  const again = await pxewright(['run', at('again.yaml'), '--out', at('second')]);
  expect(again.stdout).toContain('failed as expected: tftp.error (tftp-refused)');
  const second = await onlyRun(at('second'));
  // Both ways: a result with its capture, and a capture with a result.
  expect(
    (await pxewright(['compare', first.folder, join(second.folder, second.result.scenarios[0]?.capture?.file ?? '')]))
      .exitCode,
  ).toBe(0);
  expect((await pxewright(['compare', capture, second.folder])).exitCode).toBe(0);
}, 120_000);
