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
    return { variables: told(before, after), findings: [] };
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
