import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

const OWN_SERVER = 'harness/run/testing/own-server/own-server.yaml';

describe('a boot server of the user’s own', { timeout: 240_000 }, () => {
  it('boots one client, and is told as the one that gave the other no boot file', async () => {
    await using out = await temporaryFolder();
    const { exitCode, stdout } = await pxewright(['run', OWN_SERVER, '--allow-programs', '--out', out.path]);
    const { result, folder } = await onlyRun(out.path);
    const [scenario] = result.scenarios;
    expect([exitCode, scenario?.clients.map(({ verdict }) => verdict)], stdout).toEqual([0, ['passed', 'passed']]);
    // Without the programs of the scenario, the HTTP service alone would be a transport server.
    expect(scenario?.clients[1]?.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'tftp.read-request',
      cause: 'no-boot-file',
    });
    const log = await readFile(join(folder, 'own-server-own-server/services/dnsmasq@host-207.log'), 'utf8');
    expect(log).toMatch(/DHCPACK\(\S+\) 172\.22\.52\.\d+ 52:54:00:00:00:0f/);
    expect(log).toMatch(/sent \S+\/boot\.ipxe to 172\.22\.52\./);
    expect(log).toContain('exiting on receipt of SIGTERM');
    expect(scenario?.rerun?.join()).toContain('--allow-programs');
  });

  it('serves a visitor, too', async () => {
    const { exitCode, stdout } = await pxewright([
      'serve',
      OWN_SERVER,
      '--allow-programs',
      '--',
      'curl',
      '-s',
      'tftp://172.22.52.207/boot.ipxe',
    ]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('#!ipxe\n') as unknown]);
  });

  it('that ends too early is the failure, by its last words', async () => {
    await using out = await temporaryFolder();
    const dies = 'harness/run/testing/own-server/dies.yaml';
    const { exitCode, stdout } = await pxewright(['run', dies, '--allow-programs', '--out', out.path]);
    const { result } = await onlyRun(out.path);
    const why = 'licensed on host-207 ended with exit status 7: up | the licence has expired';
    expect(result.scenarios[0]).toMatchObject({
      verdict: 'failed',
      why,
      clients: [{ name: 'pc', verdict: 'failed', why }],
    });
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(why) as unknown]);
  });

  it('does not start without --allow-programs', async () => {
    const { exitCode, stderr } = await pxewright(['run', OWN_SERVER]);
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringContaining('if you trust it, add --allow-programs') as unknown,
    ]);
  });
});
