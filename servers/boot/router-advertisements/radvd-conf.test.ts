import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { routerAdvertisementsConfigSchema } from './config.ts';
import { radvdConf } from './radvd-conf.ts';

const CONFIG = { interface: 'eth0', state: '/tmp/radvd', prefix: 'fd77::/64' };

/** What radvd itself says of a configuration. */
async function checkedByRadvd(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'radvd-'));
  try {
    const file = join(folder, 'radvd.conf');
    await writeFile(file, text);
    const { all, exitCode } = await execa('radvd', ['--configtest', '--logmethod=stderr', `--config=${file}`], {
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      all: true,
      reject: false,
    });
    return exitCode === 0 && all.includes('syntax ok') ? 'sound' : all;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it.each([
  [{}, ['AdvManagedFlag on', 'AdvOtherConfigFlag on', 'AdvAutonomous off', 'AdvDefaultLifetime 1800']],
  [{ managed: false, autonomous: true }, ['AdvManagedFlag off', 'AdvOtherConfigFlag on', 'AdvAutonomous on']],
  [{ other: false, lifetimeSeconds: 0 }, ['AdvOtherConfigFlag off', 'AdvDefaultLifetime 0', 'MaxRtrAdvInterval 600']],
  // No longer than the lifetime, or hosts lose their router between two advertisements.
  [{ lifetimeSeconds: 4 }, ['AdvDefaultLifetime 4', 'MaxRtrAdvInterval 4', 'MinRtrAdvInterval 3']],
  [{ lifetimeSeconds: 9000 }, ['AdvDefaultLifetime 9000', 'MaxRtrAdvInterval 600', 'MinRtrAdvInterval 200']],
])('radvd takes %j', async (over, lines) => {
  const text = radvdConf(routerAdvertisementsConfigSchema.parse({ ...CONFIG, ...over }));
  for (const line of [...lines, 'interface eth0 {', 'prefix fd77::/64 {']) expect(text).toContain(line);
  expect(await checkedByRadvd(text)).toBe('sound');
});

it('refuses what would be another line of that configuration, and lifetimes that RFC 4861 does not know', () => {
  const parsed = routerAdvertisementsConfigSchema.safeParse({ ...CONFIG, interface: 'eth0; #', lifetimeSeconds: 3 });
  expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
    'expected the name of an interface, such as eth0',
    'expected 0, or 4 to 9000 seconds',
  ]);
});
