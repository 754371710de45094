import { MalformedError } from './bytes.ts';
import { devicePathText } from './device-path.ts';
import { decodeLoadOption, loadOptionText } from './load-option.ts';
import { bootEntryName, bootEntryNumber, entriesIn, secureBootSwitch, signaturesIn } from './settings.ts';
import type { FirmwareVariable } from './store.ts';

/** One variable that differs: `before` is absent for a new one, `after` for one that is gone. */
export interface VariableDifference {
  readonly name: string;
  readonly guid: string;
  /** Values as a person reads them. */
  readonly before?: string;
  readonly after?: string;
}

/** Device paths of what a person sees and types on. */
const CONSOLES: readonly string[] = ['ConIn', 'ConOut', 'ErrOut'];
/** Bytes of a value that are shown; of a longer one, how many there are. */
const SHOWN_BYTES = 32;

/** What two stores hold differently, in the order of the first, then what is new. Total. */
export function differenceOf(
  before: readonly FirmwareVariable[],
  after: readonly FirmwareVariable[],
): readonly VariableDifference[] {
  const find = (all: readonly FirmwareVariable[], { name, guid }: FirmwareVariable) =>
    all.find((variable) => variable.name === name && variable.guid === guid);
  const gone = before.flatMap((old): VariableDifference[] => {
    const now = find(after, old);
    if (now !== undefined && Buffer.compare(now.data, old.data) === 0 && now.attributes === old.attributes) return [];
    const { name, guid } = old;
    return [{ name, guid, before: variableText(old), ...(now === undefined ? {} : { after: variableText(now) }) }];
  });
  const added = after
    .filter((variable) => find(before, variable) === undefined)
    .map((variable) => ({ name: variable.name, guid: variable.guid, after: variableText(variable) }));
  return [...gone, ...added];
}

/**
 * A value as a person reads it: `Boot0003, Boot0001` of a BootOrder, `UEFI PXEv4 (MAC:525400000001): PciRoot(0x0)/…` of
 * a boot entry, subjects and hashes of keys, else bytes. A malformed one says so. Total.
 */
export function variableText(variable: FirmwareVariable): string {
  try {
    const entries = entriesIn(variable);
    if (entries !== undefined) return entries.map(bootEntryName).join(', ');
    if (bootEntryNumber(variable) !== undefined) return loadOptionText(decodeLoadOption(variable.data));
    if (CONSOLES.includes(variable.name)) return devicePathText(variable.data);
    const isOn = secureBootSwitch(variable);
    if (isOn !== undefined) return isOn ? 'on' : 'off';
    const signatures = signaturesIn(variable);
    if (signatures !== undefined) return signatures.map(({ kind, text }) => `${kind} ${text}`).join('; ');
    return bytesText(variable.data);
  } catch (error) {
    if (error instanceof MalformedError) return `${bytesText(variable.data)} (malformed: ${error.message})`;
    throw error;
  }
}

function bytesText(data: Uint8Array): string {
  const shown = Buffer.from(data.subarray(0, SHOWN_BYTES)).toString('hex');
  return data.length > SHOWN_BYTES ? `${shown}… (${data.length} bytes)` : shown;
}
