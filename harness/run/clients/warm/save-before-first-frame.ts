import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { saveState, type SavedState, type Vm } from '#qemu-wrapper';

/** The soonest first frame that was seen under emulation came after 0.9 s (AAVMF, a host without other work). */
const FIRST_LOOK_MS = 300;
/**
 * Between two states the firmware runs at least so long, and a part of what it has run: so much a restored VM runs again, at most. Steps
 * of one length would write twice as many states.
 */
const NEXT_LOOK_MS = 150;
const NEXT_LOOK_SHARE = 0.25;
/** A firmware that has sent nothing by then boots from something else, or waits for ever. */
const GIVE_UP_MS = 60_000;
const WRITE_MS = 10_000;

/**
 * Lets a VM that has just been powered on run until its first frame, and resolves with its state as it was last before
 * that; with a sentence when there is none. The VM is paused for each state (20 ms; 150 ms under UEFI). Whether a frame
 * came is asked of a paused VM, so that none can have left after the state that is kept.
 *
 * That the states are many and the last one is kept is what makes it the same for every firmware and card: link down
 * holds only those drivers that look at the link.
 */
export async function saveBeforeFirstFrame(
  vm: Pick<Vm, 'qmp' | 'stop' | 'cont' | 'serial' | 'state' | 'folder'>,
  framesSent: () => Promise<number>,
): Promise<SavedState | string> {
  const startedMs = performance.now();
  let last: SavedState | undefined;
  let ranMs = FIRST_LOOK_MS;
  await sleep(ranMs);
  // In turn, so that the last whole one stays while the next is written.
  for (let turn = 0; ; turn = 1 - turn) {
    if (vm.state === 'exited') return 'the VM ended before its first frame';
    if (performance.now() - startedMs > GIVE_UP_MS) return `it sent nothing for ${GIVE_UP_MS / 1000} s`;
    const pausedMs = performance.now();
    await vm.stop();
    try {
      if ((await framesSent()) > 0) return last ?? `its first frame came within ${FIRST_LOOK_MS} ms`;
      const file = stateFile(vm.folder, turn);
      await saveState(vm.qmp, file, WRITE_MS);
      last = { file, serialLogs: await Promise.all(vm.serial.map(({ logFile }) => readFile(logFile))) };
    } finally {
      await vm.cont();
    }
    // On a host with much other work a state may take seconds to write: the firmware runs as long as it was paused.
    const nextMs = Math.max(NEXT_LOOK_MS, performance.now() - pausedMs, ranMs * NEXT_LOOK_SHARE);
    await sleep(nextMs);
    ranMs += nextMs;
  }
}

const stateFile = (folder: string, turn: number): string => `${folder}/warm${turn}.state`;

/** Removes what was written on the way to the first frame. */
export async function removeStates(folder: string): Promise<void> {
  for (const turn of [0, 1]) await rm(stateFile(folder, turn), { force: true });
}

/** Frames that a VM has put on its tap, as the kernel of this network namespace counts them. */
export async function framesOnTap(tap: string): Promise<number> {
  return framesReceived(await readFile('/proc/net/dev', 'utf8'), tap);
}

/** proc_net_dev(5): after the name bytes, then packets. Throws when there is no such interface. */
export function framesReceived(table: string, name: string): number {
  const figures = table
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim()
    .split(/\s+/);
  const packets = Number(figures?.[1]);
  if (!Number.isInteger(packets)) throw new Error(`no count of frames for ${name} in /proc/net/dev`);
  return packets;
}
