import { pack, type BootNeed, type HostRoom, type WaitReason } from './packer.ts';

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

/**
 * Runs every boot as soon as the host has room for it, and resolves with what each came to, in the given order. Tells
 * who waits whenever a boot has begun or ended.
 */
export async function runPacked<T>(
  boots: readonly PackedBoot<T>[],
  room: HostRoom,
  onWaiting: (waiting: Waiting | undefined) => void = () => undefined,
): Promise<T[]> {
  const results = new Array<T>(boots.length);
  const queue = boots.map((boot, at) => ({ boot, at, overtaken: 0 }));
  const running = new Map<number, BootNeed>();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const beginWhatFits = (): void => {
    const waiting = queue.map(({ boot, at, overtaken }) => ({ id: String(at), need: boot.need(), overtaken }));
    const { begin, wait } = pack(room, [...running.values()], waiting);
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
    running.set(at, boot.need());
    boot.run().then((result) => {
      results[at] = result;
      running.delete(at);
      if (queue.length > 0) beginWhatFits();
      else if (running.size === 0) resolve(undefined);
    }, reject);
  };
  if (boots.length === 0) return [];
  beginWhatFits();
  await promise;
  return results;
}
