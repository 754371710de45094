import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../reports/result.ts';
import { ensureBundles } from '../../vm-images/index.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { PROJECT, pxewright } from './testing/pxewright.ts';

// Images of the share read by clients that we did not write (impacket, smbclient), while they are changed on the
// server's side; what went over the wire is judged from a capture.

type Step = Result['scenarios'][number]['clients'][number]['steps'][number];

const GROUP = 'Images\\Linux 2012';
const LIST_AT = 8_193_339_392;
let out: Awaited<ReturnType<typeof temporaryFolder>>;
let seen: Record<string, unknown>;
let steps: readonly Step[];

beforeAll(async () => {
  out = await temporaryFolder();
  const capture = join(out.path, 'visit.pcap');
  const visitor = join(PROJECT, 'harness/run/testing/image-visit.py');
  const commands = [
    `/usr/bin/python3 '${visitor}' '${capture}'`,
    `smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'get Boot\\x64\\Images\\boot.wim ${out.path}/boot.wim; get Boot\\x64\\Images\\capture.wim ${out.path}/capture.wim' >&2`,
  ];
  const visited = await pxewright([
    'serve',
    'harness/run/testing/served/images.yaml',
    '--',
    'sh',
    '-c',
    commands.join(' && '),
  ]);
  expect(visited, visited.stderr).toMatchObject({ exitCode: 0 });
  seen = JSON.parse(visited.stdout) as Record<string, unknown>;
  expect(seen['dropped']).toEqual(['0 packets dropped by kernel']);
  const replayed = await pxewright(['replay', capture, '--json']);
  steps = (JSON.parse(replayed.stdout) as Result).scenarios[0]?.clients[0]?.steps ?? [];
}, 240_000);
afterAll(() => out[Symbol.asyncDispose]());

const about = (step: string, path: string) => steps.filter((one) => one.step === step && one.detail?.['path'] === path);

describe('a Res.rwm of more than 8 GiB', () => {
  const MOVED = `${GROUP}\\Moved\\Res.rwm`;

  it('is a good part of its set to wimlib, and takes no more room than its data', () => {
    expect(seen['verify']).toBe(0);
    const { apparent, stored } = seen['moved'] as { apparent: number; stored: number };
    expect(apparent).toBeGreaterThan(LIST_AT);
    expect(stored).toBeLessThan(200e6);
  });

  it('is read at offsets that need 64 bits, as the reference trace reads it', () => {
    const { expected, got, apparent } = seen['moved'] as { expected: string; got: string; apparent: number };
    expect(got).toBe(expected);
    expect(about('image.header', MOVED)).toMatchObject([
      { verdict: 'passed', detail: { endOfFile: apparent, images: 0, part: 2, parts: 2 } },
    ]);
    expect(about('image.tail', MOVED)).toMatchObject([{ verdict: 'passed' }]);
    expect(about('image.transfer', MOVED)).toMatchObject([{ verdict: 'passed', detail: { whole: false } }]);
  });
});

describe('a boot image', () => {
  it('is for the architecture of its folder, or fails by name', () => {
    expect(about('image.tail', 'Boot\\x64\\Images\\boot.wim')).toMatchObject([
      { verdict: 'passed', detail: { architecture: 'x64' } },
    ]);
    expect(about('image.tail', 'Boot\\x86\\Images\\boot.wim')).toMatchObject([
      { verdict: 'failed', cause: 'image-wrong-architecture', expected: 'an image for x86, as its folder says' },
    ]);
  });

  it('holds what TFTP delivers, and the parameter that tells it from the capture image', async () => {
    const files = (await ensureBundles(['boot-files/wds'])).get('boot-files/wds')?.folder ?? '';
    const sha1 = async (file: string) =>
      createHash('sha1')
        .update(await readFile(join(files, 'boot/x86', file)))
        .digest('hex');
    for (const [image, mode] of [
      ['boot', 'install'],
      ['capture', 'capture'],
    ] as const) {
      const wim = join(out.path, `${image}.wim`);
      expect((await execa('wimlib-imagex', ['verify', wim], { reject: false })).exitCode).toBe(0);
      const { stdout } = await execa('wimlib-imagex', ['dir', wim, '1', '--detailed']);
      for (const file of ['vmlinuz', 'agent.img']) expect(stdout).toContain(`0x${await sha1(file)}`);
      expect((await execa('wimlib-imagex', ['extract', wim, '1', '/boot/cmdline', '--to-stdout'])).stdout).toBe(
        `pxw.mode=${mode}`,
      );
    }
  });
});

describe('an image that changes while it is read', () => {
  it('became shorter: the read past its new end fails by name', () => {
    expect(seen['shrunk']).toEqual([65_536, 0]);
    expect(about('smb.error', 'Images\\Linux\\sample.wim')).toMatchObject([
      { verdict: 'failed', cause: 'image-truncated', detail: { offset: 3_000_000, status: 'STATUS_END_OF_FILE' } },
    ]);
  });

  it('was taken away: who has it open reads on, who asks for it again is told that it is missing', () => {
    expect(seen).toMatchObject({ vanished: 4096, 'vanished again': 'STATUS_OBJECT_NAME_NOT_FOUND' });
    expect(about('smb.error', `${GROUP}\\workshop.wim`)).toMatchObject([
      { verdict: 'recorded', cause: 'image-missing' },
    ]);
  });

  it('stops nobody: the next images are read, on this connection and on a new one', () => {
    expect(about('image.tail', `${GROUP}\\base.wim`)).toMatchObject([{ verdict: 'passed' }]);
    expect(about('image.tail', `${GROUP}\\Res.rwm`)).toMatchObject([{ verdict: 'passed' }]);
  });
});
