import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tpmUse } from './tpm-log.ts';

/** What swtpm 0.7.1 wrote at level 20 while QEMU 10.0 ran. */
const log = (name: string): string =>
  gunzipSync(readFileSync(path.join(import.meta.dirname, 'testdata', `${name}-tpm.log.gz`))).toString();

describe("what a VM did with its TPM, by swtpm's log", () => {
  it('of a SeaBIOS that booted from the network: what it measured, by register', () => {
    expect(tpmUse(log('seabios'))).toEqual({
      commands: 20,
      measurements: { 0: 1, 1: 2, 2: 5, 3: 1, 4: 2, 5: 1, 6: 1, 7: 1 },
    });
  });

  it('of a firmware that was ended before it started the TPM: nothing, though QEMU asked for its version', () => {
    const text = log('never-started');
    expect(text).toContain('00 00 01 81');
    expect(tpmUse(text)).toEqual({ commands: 0, measurements: {} });
  });

  it('of a log that ends anywhere: as far as it goes', () => {
    const text = log('seabios');
    for (let end = 0; end < text.length; end += 97) {
      const { commands } = tpmUse(text.slice(0, end));
      expect(commands).toBeLessThanOrEqual(20);
    }
  });
});
