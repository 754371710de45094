import {
  bootEntryName,
  decidesBoot,
  differenceOf,
  settingsOf,
  VariableStoreError,
  type FirmwareVariable,
} from '#qemu-wrapper';
import type { FirmwareVariables } from '../../../reports/result.ts';

/** The variables of one power-on, read while the VM was not running. */
export interface StoresOfBoot {
  readonly before: readonly FirmwareVariable[];
  /** A store that the boot left damaged says how. */
  readonly after: readonly FirmwareVariable[] | VariableStoreError;
}

/** The damage of a store, as a value; throws every other error. */
export function damage(error: unknown): VariableStoreError {
  if (error instanceof VariableStoreError) return error;
  throw error;
}

/** What the result says of a boot's firmware variables, and what is wrong with them, in sentences. */
export function variablesOfBoot({ before, after }: StoresOfBoot): {
  readonly variables?: FirmwareVariables;
  readonly findings: readonly string[];
} {
  if (after instanceof VariableStoreError)
    return { findings: [`the boot left the firmware's variables damaged: ${after.message}`] };
  try {
    return { variables: told(before, after), findings: installersEntries(before, after) };
  } catch (error) {
    return { findings: [`the boot left the firmware's variables damaged: ${damage(error).message}`] };
  }
}

function told(before: readonly FirmwareVariable[], after: readonly FirmwareVariable[]): FirmwareVariables {
  const { bootOrder = [], bootNext, bootEntries, secureBoot } = settingsOf(after);
  const entry = (number: number): string => {
    const description = bootEntries[number]?.description;
    return `${bootEntryName(number)} ${description ?? '(no such entry)'}`;
  };
  return {
    bootOrder: bootOrder.map(entry),
    ...(bootNext === undefined ? {} : { bootNext: entry(bootNext) }),
    secureBoot,
    changes: differenceOf(before.filter(decidesBoot), after.filter(decidesBoot)).map(({ guid: _, ...rest }) => rest),
  };
}

/** A file on a partition: what an installer enters. Firmware enters whole devices. */
const FILE_ON_DISK = /HD\(.*\)\/.*\\/;

/** That what ran put an entry of its own into the boot order: the next start of a machine is another one. */
function installersEntries(before: readonly FirmwareVariable[], after: readonly FirmwareVariable[]): readonly string[] {
  const { bootOrder = [] } = settingsOf(after);
  const texts = new Map(
    differenceOf(before, after).flatMap(({ name, after: now }) => (now === undefined ? [] : [[name, now] as const])),
  );
  return bootOrder.flatMap((number, position) => {
    const text = texts.get(bootEntryName(number));
    return text !== undefined && FILE_ON_DISK.test(text)
      ? [
          `boot order changed by the installer: ${bootEntryName(number)} ${text} is ${position === 0 ? 'now first' : `number ${position + 1}`} of ${bootOrder.length}, so that the next start of a machine ${position === 0 ? 'comes from there and not from the network' : 'tries it there'}`,
        ]
      : [];
  });
}
