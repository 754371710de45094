import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeTcpdump } from '../../testing/fake-tcpdump.ts';
import { frame, plain } from '../../testing/frames.ts';
import type { CapturedFrame } from '../captured-frame.ts';
import { captureLive, type LiveCapture, type LiveCaptureOptions } from './capture-live.ts';

const FAKE = fileURLToPath(new URL('../../testing/fake-tcpdump.ts', import.meta.url));
const running: LiveCapture[] = [];
afterEach(async () => {
  for (const capture of running.splice(0)) await capture.close();
});

async function start(fake: FakeTcpdump, options: Partial<LiveCaptureOptions> = {}): Promise<LiveCapture> {
  const capture = await captureLive({
    interface: 'fake0',
    startDeadlineMs: 10_000,
    argvPrefix: [process.execPath, FAKE, JSON.stringify(fake)],
    ...options,
  });
  running.push(capture);
  return capture;
}

async function all(capture: LiveCapture): Promise<CapturedFrame[]> {
  const frames: CapturedFrame[] = [];
  for await (const batch of capture.batches()) frames.push(...batch);
  return frames;
}

describe('captureLive', () => {
  it('delivers the frames and, after the stop, the counters', async () => {
    const capture = await start({ frames: 5, dropped: 2 });
    expect(capture.linkType).toBe(1);
    expect(capture.dropped).toBeUndefined();
    expect(await capture.stop()).toEqual({ captured: 5, received: 7, dropped: 2, droppedByInterface: 0 });
    expect(plain(await all(capture))).toEqual(plain([1, 2, 3, 4, 5].map((number) => frame(number))));
    expect(capture.dropped).toBe(2);
    expect(await capture.ended).toMatchObject({ reason: 'stopped', undrained: 0 });
  });

  it('stops only when what the kernel still held has come', async () => {
    const capture = await start({ frames: 3, late: 4 }, { immediate: false });
    await capture.stop();
    expect((await all(capture)).length).toBe(7);
  });

  it('does not wait for frames that never come once tcpdump sleeps with an empty buffer', async () => {
    const capture = await start({ frames: 3, filteredOut: 1 }, { stopDeadlineMs: 60_000 });
    expect((await capture.stop()).captured).toBe(3);
  });

  it('does not start when tcpdump refuses: command line and standard error are in the error', async () => {
    await expect(start({ start: 'refuses' })).rejects.toThrow(
      /it exited with code 1\n {2}command: .*tcpdump -i fake0 .*\n {2}standard error: tcpdump: nosuch0: No such device exists/,
    );
  });

  it('names both times and what it missed when tcpdump stays silent', async () => {
    await expect(start({ start: 'none' }, { startDeadlineMs: 400 })).rejects.toThrow(
      /waited \d+\.\d s of 0\.4 s for its "listening on" line and the header of the capture/,
    );
    await expect(start({ start: 'listening-only' }, { startDeadlineMs: 1500 })).rejects.toThrow(
      /waited \d+\.\d s of 1\.5 s for .*the header of the capture/,
    );
  });

  it('says that a program is not there', async () => {
    await expect(
      captureLive({ interface: 'x', startDeadlineMs: 5000, argvPrefix: ['/nonexistent/program'] }),
    ).rejects.toThrow(/there is no program of that name .*: install tcpdump/);
  });

  it('reports the death of tcpdump at once, after the frames that came before', async () => {
    const capture = await start({ frames: 2, exitCode: 1 });
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const batch of capture.batches()) seen.push(...batch.map((one) => one.number));
      })(),
    ).rejects.toThrow(
      /the capture ended by itself after 2 frames: it exited with code 1\n.*\n.*\n? *tcpdump: pcap_loop: The interface disappeared/s,
    );
    expect(seen).toEqual([1, 2]);
    expect(await capture.ended).toMatchObject({ reason: 'died', error: { code: 'CAPTURE_DIED', frames: 2 } });
    await expect(capture.stop()).rejects.toThrow('ended by itself');
  });

  it('does not start on an output that is no capture', async () => {
    await expect(start({ start: 'garbage' })).rejects.toMatchObject({ name: 'CaptureStartError' });
  });

  it('kills a tcpdump that will not end, and says so', async () => {
    const capture = await start({ frames: 1, ignoreSigterm: true }, { stopDeadlineMs: 500 });
    await expect(capture.stop()).rejects.toThrow(
      /waited \d+\.\d s of 0\.5 s for it to end after SIGTERM, then killed it/,
    );
  });

  it('tells a record that was cut off at the end', async () => {
    const capture = await start({ frames: 1, cut: true });
    await capture.stop();
    expect(capture.truncated).toEqual({ reason: 'a record needs 76 bytes but only 20 remain', atByte: 100 });
  });
});
