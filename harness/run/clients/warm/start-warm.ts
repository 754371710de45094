import { startVm, type SavedState, type Vm, type VmSpec } from '#qemu-wrapper';
import type { VmPlan } from '../../../plan/plan.ts';
import type { ClientResult } from '../../../../reports/result.ts';
import { framesOnTap, removeStates, saveBeforeFirstFrame } from './save-before-first-frame.ts';
import { stateKey } from './state-key.ts';
import { findState, keepState, removeState } from './state-store.ts';
import { whyCold } from './why-cold.ts';

export type PowerOn = NonNullable<ClientResult['powerOn']>;

export interface WarmStart {
  readonly vm: Vm;
  /** Powers on. A VM whose like was never saved is saved on its way to its first frame, while this has long resolved. */
  readonly begin: () => Promise<void>;
  /** How it started, as far as it is known by now. */
  readonly powerOn: () => PowerOn;
  /** Resolves when nothing is being saved any more. */
  readonly settled: () => Promise<void>;
}

/** Longest time for a VM to come up, to begin with from a saved state. */
const RESTORE_MS = 10_000;

/**
 * Starts a client's VM, paused: as it was just before its first frame, where that was saved, else at its first
 * instruction. `image`: the file of what its disk holds at power-on.
 */
export async function startWarm(
  { client, spec, image, cold }: { client: VmPlan; spec: VmSpec; image?: string | undefined; cold: boolean },
  start: { readonly folder: string; readonly deadlineMs: number },
): Promise<WarmStart> {
  const tap = spec.nics?.map(({ netDevice }) => netDevice).find((one) => one.kind === 'tap')?.interface;
  const why = whyCold({ client, spec, asked: cold });
  if (why !== undefined || tap === undefined)
    return coldStart(await startVm(spec, start), why ?? 'it has no card on the wire');
  const key = await stateKey(spec, { mebibytes: client.diskMiB, image });
  const found = await findState(key);
  let note = '';
  if (found && 'state' in found) {
    try {
      const vm = await startVm(spec, { ...start, deadlineMs: RESTORE_MS, state: found.state });
      const powerOn: PowerOn = {
        from: 'warm',
        why: `its state before its first frame was saved ${found.about.savedAt}`,
      };
      return { vm, begin: () => vm.cont(), powerOn: () => powerOn, settled: () => Promise.resolve() };
    } catch (error) {
      // QEMU is asked about once: whatever it does not like about a state, a start from the beginning does without.
      await removeState(key);
      note = `; the saved state could not be restored and was removed: ${lastLine(error)}`;
    }
  } else if (found) note = `; the saved state was damaged and was removed: ${found.damaged}`;
  const vm = await startVm(spec, start);
  return savingStart(vm, {
    note,
    framesSent: () => framesOnTap(tap),
    keep: (state) =>
      keepState(key, state, {
        firmware: client.firmware,
        nic: client.nic,
        mac: client.mac,
        qemu: vm.qmp.version,
      }),
  });
}

function coldStart(vm: Vm, why: string): WarmStart {
  return {
    vm,
    begin: () => vm.cont(),
    powerOn: () => ({ from: 'cold', why }),
    settled: () => Promise.resolve(),
  };
}

function savingStart(
  vm: Vm,
  {
    note,
    framesSent,
    keep,
  }: {
    readonly note: string;
    readonly framesSent: () => Promise<number>;
    readonly keep: (state: SavedState) => Promise<void>;
  },
): WarmStart {
  let why = `no state was saved, and none is now: the boot was over before${note}`;
  let saving: Promise<void> = Promise.resolve();
  const save = async (): Promise<void> => {
    try {
      const state = await saveBeforeFirstFrame(vm, framesSent);
      if (typeof state === 'string') {
        why = `no state was saved: ${state}${note}`;
        return;
      }
      await keep(state);
      // In the lab's memory.
      await removeStates(vm.folder);
      why = `its state before its first frame was saved for later${note}`;
    } catch (error) {
      // A device that cannot be saved, a cache without room, or a VM that was switched off meanwhile.
      why = `no state was saved: ${lastLine(error)}${note}`;
    }
  };
  return {
    vm,
    async begin() {
      await vm.cont();
      saving = save();
    },
    powerOn: () => ({ from: 'cold', why }),
    settled: () => saving,
  };
}

function lastLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
