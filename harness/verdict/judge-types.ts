import type { Profile } from '../profiles/profile.ts';
import type { Plan, StoryPlan } from '../plan/plan.ts';
import type { ClientResult, Step, Verdict } from '../../reports/result.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import type { CaptureFlaw } from '../observe/door/quality.ts';
import type { ClientSeen } from '../observe/observer.ts';
import type { UndecodedFrames } from '../observe/undecoded-frames.ts';
import type { Frame } from '../packet/frame.ts';
import type { Standstill } from './machines/standstills.ts';

/** Who a client is, when a scenario says; a replay without a scenario learns clients from their DHCP and ARP. */
export interface JudgedClient {
  readonly name: string;
  readonly mac: string;
  readonly firmware: string;
  readonly nic: string;
  /** How its firmware fetches its boot file; undefined where only frames are known. */
  readonly transport?: string | undefined;
  /** What a program plays it as; undefined for a VM, and for a client of whom only frames are known. */
  readonly plays?: string | undefined;
  /** Devices that its firmware tries, in order; undefined where no scenario says. */
  readonly bootOrder?: readonly { readonly device: string }[] | undefined;
  /** Its memory, and what its firmware needs to boot from the network where that is more; undefined where no scenario says. */
  readonly memoryMiB?: number | undefined;
  readonly neededMemoryMiB?: number | undefined;
  /** The client whose disk it begins with: there may be a system on it. */
  readonly diskOf?: string | undefined;
  /** What its disk holds at power-on, in place of nothing. */
  readonly diskImage?: { readonly bundle: string } | { readonly file: string } | undefined;
  /** Its own plan; without it the common one applies. */
  readonly story?: StoryPlan;
  /**
   * The client after whose story this one is powered on: its story begins with `poweredOn`, or with its first event.
   */
  readonly startsAfter?: string;
}

export interface JudgeOptions {
  readonly linkType: number;
  readonly clients: readonly JudgedClient[];
  /**
   * Expectations, budgets, strictness; without a plan every observed step is reported and only protocol breaches fail.
   */
  readonly plan?: Pick<Plan, 'expectations' | 'strict' | 'budgets' | 'timeoutMs' | 'expectFailure' | 'services'> &
    Partial<Pick<Plan, 'trees' | 'programs' | 'after' | 'clients' | 'hosts'>>;
  /** Epoch microseconds that `atMs` counts from: power-on when live, else the first frame. */
  readonly startUs?: number;
  /**
   * For a capture that nobody can vouch for: its frames go through a door, which sets aside what the capture itself did
   * wrong (decision 171). A live run has none: there a packet that comes twice was sent twice.
   */
  readonly door?: {
    /** Told of a frame that holds the packet of frame `of` again. */
    readonly onCopy?: (frame: Frame, of: number) => void;
  };
  /**
   * The frames are a capture that just ends, and nobody knows what came after it: what a scenario still wants then is
   * open, unless the frames contradict it. Absent for a lab's own frames, whose end is known.
   */
  readonly openEnd?: boolean;
  /** Programs whose ways are known, before those of `harness/profiles`. */
  readonly profiles?: readonly Profile[];
  /** Hardware address of a client that is judged however many hosts the capture has. */
  readonly wanted?: string | undefined;
  /** Called with every event of the observer, for accounting of the capture's frames. */
  readonly onEvent?: (event: ProtocolEvent) => void;
  /** Called as each step is settled, with the client's MAC address. */
  readonly onStep?: (mac: string, step: Step) => void;
}

/**
 * Something outside the wire ended a client's story: its VM ended (`reason` says how), or it was ended because nothing
 * moved any more (`idle`).
 */
export interface ClientEnd {
  readonly mac: string;
  /** Epoch microseconds. */
  readonly atUs: number;
  readonly reason: string;
  readonly how?: 'idle';
}

/** Judges frames as they come; knows only their clock. The same object serves a live run and a replay. */
export interface Judge {
  /**
   * Frames in capture order. Returns for each how many of its bytes the evidence must keep: the tail of bulk payload
   * may be trimmed. Nothing with a door: such a capture is a file already.
   */
  frames(batch: readonly Frame[]): readonly number[];
  /** Capture time has reached this moment although no frame came: fires deadlines. */
  advance(atUs: number): void;
  /** A client with `startsAfter` was powered on: its times count from here. */
  poweredOn(clientMac: string, atUs: number): void;
  /** The lab's host ran nothing in this time: it does not count for what is waited for. To be told before `advance` passes it. */
  stoodStill(span: Standstill): void;
  /** A client's story has ended: no more frames will come for it. */
  ended(end: ClientEnd): void;
  /** Whether no further frame can change this client's verdict. */
  isSettled(clientMac: string): boolean;
  /** What the frames so far show of a client, by the address that steps come with. */
  seen(client: string): ClientSeen;
  /** A client's verdict so far, if any: a client that others wait for has one when its story is settled. */
  verdictOf(clientMac: string): Verdict | undefined;
  /** True when no further frame can change any client's verdict (all expectations met, or failed for good). */
  readonly settled: boolean;
  /** Frames that the capture cut before the end of what was to be judged. */
  readonly cutFrames: number;
  /** Frames of which the capture holds only the beginning, whether or not the rest matters. */
  readonly incompleteFrames: number;
  /** DHCP messages of network boots whose clients were too many to be judged. */
  readonly leftOutOfBoots: number;
  /** Frames that could not be looked into, by what they are. */
  readonly undecoded: readonly UndecodedFrames[];
  /** What the capture itself did wrong: complete after `finish`, and empty without a door. */
  readonly quality: readonly CaptureFlaw[];
  /** Closes every machine and returns the clients' results (wire part only: the composer adds guest evidence). */
  finish(): ClientResult[];
}
