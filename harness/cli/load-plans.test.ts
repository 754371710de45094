import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { loadPlans } from './load-plans.ts';
import { UsageError } from './usage-error.ts';

const SCENARIO = `name: A boot
services: { dhcp: {} }
clients: [{ name: pc, nic: virtio-net-pci }]
steps: [{ dhcp.ack: {} }]
`;

async function load(folder: string, files: readonly string[], paths: readonly string[] = ['.']) {
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), SCENARIO);
  }
  return (
    await loadPlans(
      paths.map((path) => join(folder, path)),
      {},
    )
  ).plans.map(({ id }) => id);
}

describe('scenarios of one run', () => {
  it.each([
    ['two folders called scenarios', ['a/scenarios/pxe/x.yaml', 'b/scenarios/pxe/x.yaml'], 'pxe/x'],
    ['two endings', ['scenarios/x.yaml', 'scenarios/x.yml'], 'x'],
    ['folders of one name', ['a/boot/x.yaml', 'b/boot/x.yaml'], 'boot/x'],
  ])('that have one id, in %s, are refused with both files', async (_, files, id) => {
    await using folder = await temporaryFolder();
    const loading = load(folder.path, files);
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(
      `got "${id}" for ${join(folder.path, files[0] ?? '')} and for ${join(folder.path, files[1] ?? '')}`,
    );
  });

  it('whose ids make one folder are refused with both files', async () => {
    await using folder = await temporaryFolder();
    await expect(load(folder.path, ['scenarios/a/b-c.yaml', 'scenarios/a-b/c.yaml'])).rejects.toThrow(
      /got "a-b-c" for "a-b\/c" \(.*\/a-b\/c\.yaml\) and for "a\/b-c" \(.*\/a\/b-c\.yaml\)/,
    );
  });

  it('have folders of their own whatever their script, and whatever a scenario is called', async () => {
    await using folder = await temporaryFolder();
    expect(
      await load(folder.path, [
        'scenarios/起動.yaml',
        'scenarios/安装.yaml',
        'scenarios/x.yaml',
        'scenarios/x-attempt-2.yaml',
      ]),
    ).toHaveLength(4);
  });

  it('are taken once when a file is named in two ways', async () => {
    await using folder = await temporaryFolder();
    const file = join('scenarios', 'x.yaml');
    const here = relative('.', folder.path);
    expect(await load(folder.path, [file], [file, join('scenarios')])).toEqual(['x']);
    const { plans } = await loadPlans([join(folder.path, file), `./${here}/scenarios`, `${here}/./${file}`]);
    expect(plans).toHaveLength(1);
  });
});
