import { execa } from 'execa';
import { decideAccelerator, type CanaryResult } from '#qemu-wrapper';
import { cacheFolder } from '../../../vm-images/cache-folder.mjs';
import { programFile } from '../../../servers/service/program-file.ts';
import { labCommand } from '../../lab/namespaces.ts';
import type { SetupEvent } from '../../setup/install.ts';

export interface Accelerator {
  readonly accel: 'kvm' | 'tcg';
  readonly reason: string;
}

/**
 * How long the canary may take to boot: 7 s under TCG, most of it iPXE's own waits. A useless KVM dies at once or never
 * ends.
 */
const CANARY_DEADLINE_MS = 20_000;

/** KVM where a canary boots with it, else TCG; the answer is remembered for this host. */
export async function accelerator(
  want: 'auto' | 'kvm' | 'tcg',
  onEvent: (event: SetupEvent) => void,
): Promise<Accelerator> {
  const title = 'accelerator';
  const why = 'a canary boot decides between KVM and TCG, since /dev/kvm may open but not work';
  const decision = await decideAccelerator({
    want,
    cacheFolder: cacheFolder(),
    deadlineMs: CANARY_DEADLINE_MS,
    canary: canaryInLab,
  });
  if (!decision.cached) onEvent({ title, why, state: 'done', detail: `${decision.accel}: ${decision.reason}` });
  return { accel: decision.accel, reason: decision.reason };
}

const RUN_CANARY = programFile(import.meta.filename, 'run-canary');

/** A canary in a lab of its own, which ends with this process however that ends. */
async function canaryInLab(
  kind: 'kvm' | 'tcg',
  { deadlineMs }: { readonly deadlineMs: number },
): Promise<CanaryResult> {
  const [command, ...args] = labCommand([process.execPath, RUN_CANARY, kind, String(deadlineMs)], {
    root: process.getuid?.() === 0,
  });
  const { stdout } = await execa(command, args, { stdin: 'ignore' });
  return JSON.parse(stdout) as CanaryResult;
}
