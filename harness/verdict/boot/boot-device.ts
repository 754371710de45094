import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { CAUSES, STEPS } from '../../protocols/words.ts';
import type { JudgedClient } from '../judge-types.ts';
import { loadedBootFile } from './other-ways.ts';

// Which entry of the boot order ran. Of a disk that starts the wire shows nothing but the system that then asks for an
// address, as no firmware does.

const { judged } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

/** Tells once, as soon as a step shows it, which device a client started from. */
export function watchBootDevice({ bootOrder = [] }: Pick<JudgedClient, 'bootOrder'>): {
  note(step: StepDraft): StepDraft | undefined;
} {
  const isChoice = bootOrder.some(({ device }) => device !== 'network');
  let told = !isChoice;
  return {
    note(step) {
      if (told || step.verdict !== 'passed') return undefined;
      const at = { frame: step.frames.at(-1) ?? 0, atUs: step.endUs };
      if (loadedBootFile(step)) {
        told = true;
        return judged({
          step: 'boot.device',
          at,
          detail: { device: 'network', path: String(step.detail['path'] ?? '') },
        });
      }
      if (step.step !== 'dhcp.discover' || isFirmwareClass(step.detail['vendorClass'])) return undefined;
      told = true;
      return judged({ step: 'boot.device', at, detail: { device: 'disk' } });
    },
  };
}

/**
 * Why a client that is to boot from the network does not, as far as its boot order says it: the network is not in it, or
 * behind a disk with a system on it. Undefined where the order is no reason.
 */
export function networkPassedOver({
  bootOrder,
  diskOf,
  diskImage,
}: Pick<JudgedClient, 'bootOrder' | 'diskOf' | 'diskImage'>): string | undefined {
  if (bootOrder === undefined || bootOrder.length === 0) return undefined;
  const devices = bootOrder.map(({ device }) => device);
  const [network, disk] = [devices.indexOf('network'), devices.indexOf('disk')];
  const order = `the boot order is ${devices.join(', ')}`;
  if (network < 0) return `${order}: the network is not in it`;
  if (disk < 0 || disk > network) return undefined;
  if (diskOf !== undefined) return `${order}, and the disk is that of ${diskOf}, which starts by itself`;
  return diskImage === undefined
    ? undefined
    : `${order}, and the disk holds ${'bundle' in diskImage ? diskImage.bundle : diskImage.file}, which starts by itself`;
}
