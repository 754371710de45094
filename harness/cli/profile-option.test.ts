import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { ownProfiles } from './profile-option.ts';

describe('--profile', () => {
  it('reads the profiles of all its files, in their order', async () => {
    await using folder = await temporaryFolder();
    const files = await Promise.all(
      ['rom', 'other-rom'].map(async (name) => {
        const file = join(folder.path, `${name}.yaml`);
        await writeFile(
          file,
          `profiles: [{ name: ${name}, title: ROM, about: a ROM, signs: [{ dhcp.user-class: ${name} }] }]`,
        );
        return file;
      }),
    );
    expect((await ownProfiles(files))?.map(({ name }) => name)).toEqual(['rom', 'other-rom']);
    expect(await ownProfiles(undefined)).toBeUndefined();
  });

  it('refuses the name of a bundled profile, and says why none is needed', async () => {
    await expect(ownProfiles(['edk2-pxe'])).rejects.toThrow(
      "--profile: expected a file that `pxewright profile` wrote, got edk2-pxe, the bundled profile of EDK2 PXE: each client's programs are known by their frames and judged by the bundled profiles already; a file with a profile of that name takes its place",
    );
    await expect(ownProfiles(['no-such-rom'])).rejects.toThrow('got no-such-rom: ENOENT');
  });

  it('refuses what is no profile, with the place', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'x.yaml');
    await writeFile(file, 'profiles: [{ name: Rom }]');
    await expect(ownProfiles([file])).rejects.toThrow(
      `${file}: profiles.0.name: expected small letters, digits and dashes`,
    );
  });
});
