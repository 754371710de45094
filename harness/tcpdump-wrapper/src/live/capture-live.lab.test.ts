import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapturedFrame } from '../captured-frame.ts';
import { captureLive, type LiveCapture } from './capture-live.ts';

// A namespace with a bridge whose neighbour 10.9.0.2 exists only in the neighbour table: what is sent there leaves by
// the bridge.
const SETUP = `
  ip link set lo up
  ip link add br0 type bridge && ip link set br0 up && ip addr add 10.9.0.1/24 dev br0
  ip link add v0 type veth peer name v1 && ip link set v0 master br0 up && ip link set v1 up
  ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev br0 nud permanent
  echo ready; exec sleep infinity`;
const SENDER = fileURLToPath(new URL('../../testing/send-datagrams.ts', import.meta.url));
const PORT = 4011;
/** Ethernet 14 + IPv4 20 + UDP 8. */
const PAYLOAD_AT = 42;

let holder: ReturnType<typeof holdNamespace>;
let prefix: string[];
beforeAll(async () => {
  holder = holdNamespace();
  prefix = ['nsenter', `--net=/proc/${String(holder.pid)}/ns/net`];
  for await (const line of createInterface({ input: holder.stdout })) if (line === 'ready') break;
});
afterAll(async () => {
  holder.kill('SIGKILL');
  await holder;
});

function holdNamespace() {
  return execa('unshare', ['--net', 'sh', '-c', SETUP], { buffer: false, reject: false, stdin: 'ignore' });
}

function send(count: number, size: number): Promise<unknown> {
  return execa('nsenter', [
    ...prefix.slice(1),
    process.execPath,
    SENDER,
    '10.9.0.2',
    String(PORT),
    String(count),
    String(size),
  ]);
}

async function numbers(capture: LiveCapture): Promise<number[]> {
  const seen: number[] = [];
  for await (const batch of capture.batches())
    for (const frame of batch)
      if (isOurs(frame)) seen.push(new DataView(frame.bytes.buffer, frame.bytes.byteOffset).getUint32(PAYLOAD_AT));
  return seen;
}

function isOurs({ bytes }: CapturedFrame): boolean {
  return (
    bytes[12] === 0x08 && bytes[13] === 0 && bytes[23] === 17 && (((bytes[36] ?? 0) << 8) | (bytes[37] ?? 0)) === PORT
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

// Each test makes a network namespace without a user namespace, as root alone may; in a lab every user can capture.
describe.skipIf(process.getuid?.() !== 0)('captureLive with a real tcpdump', () => {
  it.each([
    // As many as the kernel has slots for, so that none is lost even if tcpdump does not run until the stop.
    ['frame by frame', true, 1500],
    ['in packed blocks, which are delivered late', false, 10_000],
  ])('delivers every frame that was sent before the stop, %s', async (_, immediate, count) => {
    const capture = await captureLive({ interface: 'br0', startDeadlineMs: 10_000, argvPrefix: prefix, immediate });
    const seen = numbers(capture);
    await send(count, 300);
    const counters = await capture.stop();
    expect(counters.dropped).toBe(0);
    expect(await seen).toEqual(upTo(count));
    expect(capture.dropped).toBe(0);
    // The kernel may still count a frame of its own (IPv6 neighbour discovery) that comes after the last block.
    expect(counters.captured).toBeGreaterThanOrEqual(count);
    expect(counters.received).toBeGreaterThanOrEqual(counters.captured);
  });

  it('captures nothing but what the filter lets through, by the snap length', async () => {
    const capture = await captureLive({
      interface: 'br0',
      startDeadlineMs: 10_000,
      argvPrefix: prefix,
      filter: `udp port ${PORT}`,
      snapLength: 64,
    });
    const frames: CapturedFrame[] = [];
    const reading = (async () => {
      for await (const batch of capture.batches()) frames.push(...batch);
    })();
    await send(3, 500);
    await capture.stop();
    await reading;
    expect(frames.map((frame) => [frame.number, frame.bytes.length, frame.originalLength])).toEqual(
      [1, 2, 3].map((number) => [number, 64, 542]),
    );
  });

  it('tells when tcpdump is killed', async () => {
    const capture = await captureLive({ interface: 'v1', startDeadlineMs: 10_000, argvPrefix: prefix });
    process.kill(capture.pid, 'SIGSEGV');
    expect(await capture.ended).toMatchObject({ reason: 'died', error: { name: 'CaptureDiedError' } });
  });

  it('names an interface that does not exist', async () => {
    await expect(captureLive({ interface: 'nosuch0', startDeadlineMs: 10_000, argvPrefix: prefix })).rejects.toThrow(
      /nosuch0: No such device exists/,
    );
  });
});
