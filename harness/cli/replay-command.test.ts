import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { replayCommand } from './replay-command.ts';
import { UsageError } from './usage-error.ts';

it('a folder is no capture: unusable input, and what to do', async () => {
  const replayed = replayCommand(tmpdir(), {});
  await expect(replayed).rejects.toBeInstanceOf(UsageError);
  await expect(replayed).rejects.toThrow(
    `${tmpdir()}: expected a capture file (pcap or pcapng), got a folder: name a file in it`,
  );
});
