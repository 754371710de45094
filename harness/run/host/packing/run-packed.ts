import { pack, without, type BootNeed, type HostRoom, type WaitReason } from './packer.ts';

export interface PackedBoot<T> {
  readonly id: string;
  /** Asked whenever it might begin: a boot before it may have shown what it needs. */
  readonly need: () => BootNeed;
  readonly run: () => Promise<T>;
}

export interface Waiting {
  readonly count: number;
  /** The boot that has waited longest, and why. */
  readonly first: string;
  readonly why: WaitReason;
}

/** Idle cores change although no boot begins or ends. */
const LOOK_MS = 1000;
/** A boot that has begun shows so much later in the host's idle cores: its lab is made first. */
const SHOWN_MS = 6000;

/**
 * Runs every boot as soon as the host has room for it, and resolves with what each came to, in the given order. Tells
 * who waits whenever a boot has begun or ended.
 */
export async function runPacked<T>(
  boots: readonly PackedBoot<T>[],
  room: () => HostRoom,
  onWaiting: (waiting: Waiting | undefined) => void = () => undefined,
): Promise<T[]> {
  const results = new Array<T>(boots.length);
  const queue = boots.map((boot, at) => ({ boot, at, overtaken: 0 }));
  const running = new Map<number, { readonly need: BootNeed; readonly begunMs: number }>();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const beginWhatFits = (): void => {
    const waiting = queue.map(({ boot, at, overtaken }) => ({ id: String(at), need: boot.need(), overtaken }));
    const now = [...running.values()];
    const unshown = now.filter(({ begunMs }) => performance.now() - begunMs < SHOWN_MS).map(({ need }) => need);
    const { begin, wait } = pack(
      without(room(), unshown),
      now.map(({ need }) => need),
      waiting,
    );
    for (const id of begin) {
      const index = queue.findIndex(({ at }) => String(at) === id);
      const [one] = queue.splice(index, 1);
      for (const passed of queue.slice(0, index)) passed.overtaken += 1;
      if (one) begun(one);
    }
    const [first] = wait;
    const named = first && boots[Number(first.id)];
    onWaiting(first && named && { count: wait.length, first: named.id, why: first.why });
  };
  const begun = ({ boot, at }: (typeof queue)[number]): void => {
    running.set(at, { need: boot.need(), begunMs: performance.now() });
    boot.run().then((result) => {
      results[at] = result;
      running.delete(at);
      if (queue.length > 0) beginWhatFits();
      else if (running.size === 0) resolve(undefined);
    }, reject);
  };
  if (boots.length === 0) return [];
  const timer = setInterval(() => {
    if (queue.length > 0) beginWhatFits();
  }, LOOK_MS);
  try {
    beginWhatFits();
    await promise;
    return results;
  } finally {
    clearInterval(timer);
  }
}
