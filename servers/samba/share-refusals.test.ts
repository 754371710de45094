import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServiceEvent } from '../service/event-lines.ts';
import { tellRefusals } from './share-refusals.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'share-'));
  await mkdir(join(root, 'Images'));
  await writeFile(join(root, 'Images', 'a.wim'), 'MSWIM');
  await symlink('a.wim', join(root, 'Images', 'inside.wim'));
  await symlink('Images', join(root, 'alias'));
  await symlink('/etc', join(root, 'Images', 'etc'));
  await symlink('gone', join(root, 'dangling'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
});
afterAll(() => rm(root, { recursive: true }));

it('tells once what a share holds that clients are refused, and what comes later, also in a new folder', async () => {
  const over = new AbortController();
  const events: ServiceEvent[] = [];
  const told = () => events.map(({ event, message }) => `${event}: ${String(message)}`).sort();
  await tellRefusals(root, (event) => events.push(event), over.signal);
  const atFirst = [
    'error: Images/etc leads out of the root folder by a link: clients are refused',
    'error: dangling is a dangling link: clients are refused',
    'error: fifo is a FIFO, and only files are served: clients are refused',
  ];
  expect(told()).toEqual(atFirst);

  await symlink('/etc/shadow', join(root, 'Images', 'leak.wim'));
  const leak = 'error: Images/leak.wim leads out of the root folder by a link: clients are refused';
  await expect.poll(told).toEqual([...atFirst, leak].sort());
  for (const round of [1, 2]) {
    await mkdir(join(root, 'New', 'deep'), { recursive: true });
    await symlink('../../..', join(root, 'New', 'deep', 'up'));
    const up = 'error: New/deep/up leads out of the root folder by a link: clients are refused';
    await expect.poll(told).toEqual([...atFirst, leak, ...Array<string>(round).fill(up)].sort());
    await rm(join(root, 'New'), { recursive: true });
    // A link that is told of when it is gone and comes again: the folder's end was seen.
    await symlink('nowhere', join(root, `seen-${round}`));
    const seen = `error: seen-${round} is a dangling link: clients are refused`;
    await expect.poll(told).toContain(seen);
    atFirst.push(seen);
  }
  over.abort();
});
