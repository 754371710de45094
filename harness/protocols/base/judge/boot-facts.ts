import type { ByteOrder } from '../../../packet/byte-order.ts';
import type { LoadingInput } from './loading.ts';

/** How the numbers of option 250 are read: no document says it (harness/docs/protocols.md 1.6), so the scenario may. */
export interface Option250Form {
  readonly byteOrder: ByteOrder;
  readonly intervalUnitMs: number;
}

/** What the judge knows of a client's boot at the moment when one of its machines begins. */
export interface BootFacts {
  /** The files that the client was told to load, and those that the scenario counts on. */
  readonly loading: () => LoadingInput;
  /** Option 93 of the client's firmware, once it has asked for an address. */
  readonly architecture: () => number | undefined;
  readonly option250: Option250Form;
  /** There is a plan, so that the capture is a lab's own, and what it does not hold was not on the link. */
  readonly planned: boolean;
  readonly unreachable: (port: number) => Unreachable;
  /** Whether servers of a room listen on a port, by their habit or as the scenario has it. */
  readonly listens: (room: string, port: number) => boolean;
}

/** What it means when no server listens on a port. */
export interface Unreachable {
  /** Absent where no protocol declares one. */
  readonly cause?: string;
  /** Why it may be: the client does not need this port. */
  readonly harmless?: string;
}
