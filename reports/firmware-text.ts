import type { ClientResult, FirmwareVariables } from './result.ts';
import { plural } from './text.ts';

/** What a boot left in its firmware's variables, in one line: what comes first at the next start, and how much changed. */
export function firmwareText({ bootOrder, bootNext, secureBoot, changes }: FirmwareVariables): string {
  const [first] = bootOrder;
  const next = bootNext ?? first;
  const order = bootOrder.length > 1 && bootNext === undefined ? ` of ${bootOrder.length}` : '';
  return [
    next === undefined ? 'no boot order' : `next start: ${next}${bootNext === undefined ? order : ' (BootNext)'}`,
    `Secure Boot ${secureBoot ? 'on' : 'off'}`,
    changes.length === 0 ? 'no boot variable changed' : `${plural(changes.length, 'boot variable')} changed`,
  ].join(', ');
}

/** What a boot did with its TPM, in one line. */
export function tpmText({ commands, measurements }: NonNullable<ClientResult['tpm']>): string {
  if (commands === 0) return 'the firmware never started it';
  const registers = Object.keys(measurements);
  const measured = Object.values(measurements).reduce((sum, count) => sum + count, 0);
  const where = registers.length === 0 ? '' : ` (PCR ${registers.join(', ')})`;
  return `${plural(measured, 'measurement')}${where} in ${plural(commands, 'command')}`;
}
