import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { messageChannel } from './message-channel.ts';

const STEP = { type: 'lab-step', title: 'capture on br0', state: 'done' } as const;

describe('messages of a lab', () => {
  it('all arrive that came before the end, whatever is told after it', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'messages');
    const { emit, close } = messageChannel(createWriteStream(file));
    for (let count = 0; count < 3; count += 1) emit(STEP);
    const closed = close();
    emit({ ...STEP, title: 'too late' });
    await closed;
    emit({ ...STEP, title: 'too late' });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([STEP, STEP, STEP]);
  });
});
