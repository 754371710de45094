import { execa } from 'execa';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readFiles, type Sink, type Volume } from './volume.ts';

it('loses nothing of what 7-Zip writes before there is a place for it', async () => {
  const scratch = await mkdtemp(path.join(tmpdir(), 'pxewright-volume-'));
  try {
    await mkdir(path.join(scratch, 'tree'));
    await writeFile(path.join(scratch, 'tree', 'file'), 'content');
    const file = path.join(scratch, 'ext4');
    await execa('truncate', ['-s', '1M', file]);
    await execa('mkfs.ext4', ['-q', '-d', path.join(scratch, 'tree'), file]);
    const entry = { path: '/file', listedAs: 'file', type: 'file', bytes: 7 } as const;
    const volume: Volume = { file, kind: 'Ext', entries: [entry] };
    let content = '';
    const slow = async (): Promise<Sink> => {
      await setTimeout(500);
      return {
        write: (chunk) => {
          content += chunk.toString();
          return Promise.resolve();
        },
        end: () => Promise.resolve(),
        discard: () => Promise.resolve(),
      };
    };
    expect(await readFiles(volume, new Set([entry]), scratch, slow)).toEqual(new Map());
    expect(content).toBe('content');
  } finally {
    await rm(scratch, { recursive: true });
  }
});
