import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNamedSteps } from './named-steps.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pxewright-named-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a plan names the steps that its scenario asks for; no plan, or a damaged one, names none', async () => {
  const path = join(folder, 'plan.json');
  expect(await readNamedSteps(path)).toEqual([]);
  await writeFile(
    path,
    JSON.stringify({
      id: 'a',
      expectations: [{ step: 'smb.open', with: {} }, { step: 'dhcp.ack' }, { step: 'smb.open' }],
    }),
  );
  expect(await readNamedSteps(path)).toEqual(['smb.open', 'dhcp.ack']);
  await writeFile(
    path,
    JSON.stringify({
      expectations: [{ step: 'dhcp.ack' }],
      clients: [{ name: 'a' }, { name: 'b', story: { expectations: [{ step: 'smb.open' }] } }],
    }),
  );
  expect(await readNamedSteps(path)).toEqual(['dhcp.ack', 'smb.open']);
  for (const text of ['{', '[]', '{"expectations":[{"step":1}]}']) {
    await writeFile(path, text);
    expect(await readNamedSteps(path)).toEqual([]);
  }
});
