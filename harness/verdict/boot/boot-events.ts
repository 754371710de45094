import type { BootMeaning } from '../../protocols/base/judge/boot-meaning.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type ExtraPorts, portsOf } from '../../protocols/ports.ts';

type With<T extends string> = T extends unknown ? { readonly type: T; readonly step: StepDraft } : never;

/** What the boot machine understands: the protocols' steps, sorted by what they mean for the order of a boot. */
export type BootEvent =
  | With<BootMeaning>
  | With<'load-missed'>
  | With<'failed'>
  | With<'other'>
  /** All that the scenario expects has happened; `step` is the last of it. */
  | With<'goal'>
  /** No more frames will come; `quiet` when no protocol was left waiting. */
  | { readonly type: 'end'; readonly atUs: number; readonly quiet: boolean }
  | { readonly type: 'deadline'; readonly atUs: number; readonly waitingFor: string };

/** The boot event of a protocol's step. `ports`: those that services were given beside their protocol's own. */
export function toBootEvent(step: StepDraft, ports?: ExtraPorts): BootEvent {
  if (step.verdict === 'failed') return { type: 'failed', step };
  if (step.verdict === 'recorded') return { type: step.cause === 'boot-file-missing' ? 'load-missed' : 'other', step };
  for (const protocol of PROTOCOLS) {
    const meaning = protocol.boot?.means?.(step, portsOf(protocol, ports));
    if (meaning) return { type: meaning, step };
  }
  return { type: 'other', step };
}
