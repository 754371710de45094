import { littleEndian, MalformedError, Reader } from './bytes.ts';
import { decodeLoadOption, encodeLoadOption, type LoadOption } from './load-option.ts';
import { decodeSignatures, type Signature } from './signatures.ts';
import { VariableStoreError, type FirmwareVariable } from './store.ts';

/** What a boot depends on, out of a firmware's variables. */
export interface FirmwareSettings {
  /** Numbers of entries, in the order in which the firmware tries them. */
  readonly bootOrder?: readonly number[];
  /** The entry that comes first at the next start alone. */
  readonly bootNext?: number;
  /** By number: 3 is Boot0003. */
  readonly bootEntries: Readonly<Record<number, LoadOption>>;
  /** Whether the firmware verifies what it starts: it is switched on, and there is a platform key. */
  readonly secureBoot: boolean;
  readonly keys: Readonly<Record<KeyVariable, readonly Signature[]>>;
}

/** What to change; null removes. */
export interface FirmwareChanges {
  readonly bootOrder?: readonly number[] | null;
  readonly bootNext?: number | null;
  readonly bootEntries?: Readonly<Record<number, LoadOption | null>>;
  /** SecureBootEnable, which is EDK2's: without a platform key (PK) it says nothing. */
  readonly secureBoot?: boolean;
  /** EFI_SIGNATURE_LISTs. */
  readonly keys?: Readonly<Partial<Record<KeyVariable, Uint8Array | null>>>;
}

const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const SIGNATURES = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';
const SECURE_BOOT_SWITCH = { name: 'SecureBootEnable', guid: 'f0a30bc7-af08-4556-99c4-001009c93a44' };
const KEY_VARIABLES = { PK: GLOBAL, KEK: GLOBAL, db: SIGNATURES, dbx: SIGNATURES } as const;
export type KeyVariable = keyof typeof KEY_VARIABLES;
const KEY_NAMES = Object.keys(KEY_VARIABLES) as readonly KeyVariable[];

const KEPT_IN_FLASH = 1;
const BOOT_SERVICES = 2;
const RUNTIME = 4;
const SIGNED_BY_TIME = 0x20;
const BOOT_ATTRIBUTES = KEPT_IN_FLASH | BOOT_SERVICES | RUNTIME;
const NO_TIME = new Uint8Array(16);

/** Boot0003 of 3. */
export const bootEntryName = (number: number): string => `Boot${number.toString(16).toUpperCase().padStart(4, '0')}`;

/** The number of Boot0003; undefined for another variable. */
export function bootEntryNumber({ name, guid }: Pick<FirmwareVariable, 'name' | 'guid'>): number | undefined {
  const digits = guid === GLOBAL ? /^Boot([0-9A-F]{4})$/.exec(name)?.[1] : undefined;
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** The keys that a variable holds; undefined for another variable. Throws MalformedError. */
export function signaturesIn({ name, guid, data }: FirmwareVariable): readonly Signature[] | undefined {
  return KEY_NAMES.some((key) => key === name && KEY_VARIABLES[key] === guid) ? decodeSignatures(data) : undefined;
}

/** The entries that a BootOrder or BootNext names; undefined for another variable. Throws MalformedError. */
export function entriesIn({ name, guid, data }: FirmwareVariable): readonly number[] | undefined {
  if (guid !== GLOBAL || (name !== 'BootOrder' && name !== 'BootNext' && name !== 'BootCurrent')) return undefined;
  const read = new Reader(data);
  const entries: number[] = [];
  while (read.left > 0) entries.push(read.u16(name));
  return entries;
}

/** Whether Secure Boot is switched on by this variable; undefined for another variable. */
export function secureBootSwitch({ name, guid, data }: FirmwareVariable): boolean | undefined {
  return name === SECURE_BOOT_SWITCH.name && guid === SECURE_BOOT_SWITCH.guid ? data[0] === 1 : undefined;
}

/** Whether a boot depends on a variable: on boot order, boot entries, Secure Boot or its keys. */
export function decidesBoot({ name, guid }: Pick<FirmwareVariable, 'name' | 'guid'>): boolean {
  return (
    (guid === GLOBAL && (name === 'BootOrder' || name === 'BootNext')) ||
    bootEntryNumber({ name, guid }) !== undefined ||
    (name === SECURE_BOOT_SWITCH.name && guid === SECURE_BOOT_SWITCH.guid) ||
    KEY_NAMES.some((key) => key === name && KEY_VARIABLES[key] === guid)
  );
}

/** Throws VariableStoreError, which names the variable, for a value that is malformed. */
export function settingsOf(variables: readonly FirmwareVariable[]): FirmwareSettings {
  const find = (name: string, guid: string) =>
    variables.find((variable) => variable.name === name && variable.guid === guid);
  const read = <T>(
    variable: FirmwareVariable | undefined,
    decode: (variable: FirmwareVariable) => T,
  ): T | undefined => {
    if (variable === undefined) return undefined;
    try {
      return decode(variable);
    } catch (error) {
      if (error instanceof MalformedError) throw new VariableStoreError(`variable ${variable.name}: ${error.message}`);
      throw error;
    }
  };
  const order = read(find('BootOrder', GLOBAL), entriesIn);
  const next = read(find('BootNext', GLOBAL), entriesIn)?.[0];
  const bootEntries = Object.fromEntries(
    variables.flatMap((variable) => {
      const number = bootEntryNumber(variable);
      const option = number === undefined ? undefined : read(variable, ({ data }) => decodeLoadOption(data));
      return number === undefined || option === undefined ? [] : [[number, option] as const];
    }),
  );
  const keys = Object.fromEntries(
    KEY_NAMES.map((name) => [name, read(find(name, KEY_VARIABLES[name]), signaturesIn) ?? []]),
  ) as Record<KeyVariable, readonly Signature[]>;
  const switchedOn = find(SECURE_BOOT_SWITCH.name, SECURE_BOOT_SWITCH.guid)?.data[0] === 1;
  return {
    ...(order === undefined ? {} : { bootOrder: order }),
    ...(next === undefined ? {} : { bootNext: next }),
    bootEntries,
    secureBoot: switchedOn && keys.PK.length > 0,
    keys,
  };
}

/** The variables after the changes; what is not changed stays as and where it is. */
export function changed(variables: readonly FirmwareVariable[], changes: FirmwareChanges): readonly FirmwareVariable[] {
  return valuesOf(changes).reduce<readonly FirmwareVariable[]>((all, { name, guid, attributes, data }) => {
    const at = all.findIndex((variable) => variable.name === name && variable.guid === guid);
    const before = all[at];
    if (data === null) return all.filter((variable) => variable !== before);
    if (before !== undefined) return all.with(at, { ...before, data });
    return [...all, { name, guid, attributes, data, time: NO_TIME }];
  }, variables);
}

type Value = Pick<FirmwareVariable, 'name' | 'guid' | 'attributes'> & { readonly data: Uint8Array | null };

function valuesOf({ bootOrder, bootNext, bootEntries = {}, secureBoot, keys = {} }: FirmwareChanges): Value[] {
  const boot = (name: string, data: Uint8Array | null): Value => ({
    name,
    guid: GLOBAL,
    attributes: BOOT_ATTRIBUTES,
    data,
  });
  const numbers = (entries: readonly number[]): Uint8Array =>
    Buffer.concat(entries.map((entry) => littleEndian(entry, 2)));
  return [
    ...Object.entries(bootEntries).map(([number, option]) =>
      boot(bootEntryName(Number(number)), option && encodeLoadOption(option)),
    ),
    ...(bootOrder === undefined ? [] : [boot('BootOrder', bootOrder && numbers(bootOrder))]),
    ...(bootNext === undefined ? [] : [boot('BootNext', bootNext === null ? null : numbers([bootNext]))]),
    ...(secureBoot === undefined
      ? []
      : [
          {
            ...SECURE_BOOT_SWITCH,
            attributes: KEPT_IN_FLASH | BOOT_SERVICES,
            data: littleEndian(secureBoot ? 1 : 0, 1),
          },
        ]),
    ...KEY_NAMES.flatMap((name) => {
      const data = keys[name];
      const attributes = BOOT_ATTRIBUTES | SIGNED_BY_TIME;
      return data === undefined ? [] : [{ name, guid: KEY_VARIABLES[name], attributes, data }];
    }),
  ];
}
