import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { arm64Kernel, arm64Programs } from './arm64-packages.ts';

const folders: string[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

it('of a host without sources for Arm names the package that apt does not know, and what is expected', async () => {
  const cacheFolder = await mkdtemp(path.join(tmpdir(), 'pxewright-arm64-'));
  folders.push(cacheFolder);
  // apt itself, told that the host has no sources.
  const noSources = path.join(cacheFolder, 'no-sources.conf');
  await writeFile(noSources, 'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "/dev/null";\n');
  vi.stubEnv('APT_CONFIG', noSources);
  await expect(arm64Kernel(cacheFolder)).rejects.toThrow(
    'bundle packages-arm64: the apt sources of this host have no package linux-image-cloud-arm64: expected sources that also have arm64',
  );
  // Without an answer of apt, what it said before holds.
  const versions = { 'linux-image-6.12.1-cloud-arm64': '6.12.1', libc6: '2.41' };
  await writeFile(path.join(cacheFolder, 'arm64-packages.json'), JSON.stringify({ stamp: 'other lists', versions }));
  expect(await arm64Kernel(cacheFolder)).toEqual({ 'linux-image-6.12.1-cloud-arm64': '6.12.1' });
  expect(await arm64Programs(cacheFolder)).toEqual({ libc6: '2.41' });
});
