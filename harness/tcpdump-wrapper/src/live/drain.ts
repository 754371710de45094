import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaptureCounters } from './tcpdump-stderr.ts';

/**
 * How often tcpdump is asked how far it is. Each answer is an observation; nothing is assumed after any number of them.
 */
const ASK_EVERY_MS = 5;

/** The running tcpdump, as far as draining sees it. */
interface Drained {
  readonly frames: number;
  readonly hasEnded: boolean;
  askCounters(deadlineMs: number): Promise<CaptureCounters>;
}

/**
 * Waits until tcpdump has written every frame that the kernel had taken when this was called. tcpdump leaves its loop
 * at the first look after a signal and abandons what still stands in the kernel's buffer (pcap_breakloop(3)): 220 of 50
 * 000 frames in a burst, without a message and with "0 packets dropped". So it gets its signal only when nothing is
 * left. Returns the number of frames still in the kernel when the deadline passed, else 0.
 */
export async function drainKernelBuffer(
  tcpdump: Drained,
  { pid, immediate, deadlineMs }: { pid: number; immediate: boolean; deadlineMs: number },
): Promise<number> {
  const deadline = performance.now() + deadlineMs;
  let previous: CaptureCounters | undefined;
  let wanted: number | undefined;
  for (;;) {
    if (tcpdump.hasEnded) return 0;
    const now: CaptureCounters | undefined = await tcpdump
      .askCounters(Math.max(1, deadline - performance.now()))
      .catch(() => undefined);
    if (now === undefined) return 0;
    wanted ??= now.received - now.dropped;
    if (now.captured >= wanted) return 0;
    if (immediate && previous?.captured === now.captured && tcpdump.frames >= now.captured && (await isAsleep(pid)))
      return 0;
    if (performance.now() >= deadline) return wanted - now.captured;
    previous = now;
    await delay(ASK_EVERY_MS);
  }
}

/**
 * True when the process sleeps. A tcpdump that sleeps although its output has been read waits for the kernel: its
 * buffer is empty, and the missing frames are some that libpcap had counted before the filter was in place and then
 * threw away. Only in immediate mode: otherwise a block that is not yet full may still be open.
 */
async function isAsleep(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // proc(5): pid (comm) state …; comm may hold parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'S';
}
