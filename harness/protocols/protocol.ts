import type { Dissection } from '../packet/dissection.ts';
import type { BootMarks, ClientShown } from './base/judge/boot-meaning.ts';
import type { Judging } from './base/judge/conversations.ts';
import type { StepDraft } from './base/judge/step.ts';
import type { Causes, Steps, Waits } from './base/judge/vocabulary.ts';
import type { FileWatch } from './base/observe/file-watch.ts';
import type { TransferWatch } from './base/observe/metered-transfer.ts';
import type { ObservedClient } from './base/observe/observed-client.ts';
import type { AnyEvent, MalformedEvent } from './base/observe/seen.ts';
import type { SharedMedium } from './base/observe/shared-medium.ts';
import type { UdpService } from './base/observe/udp-service.ts';
import type { TcpApplication } from './tcp/observe/application.ts';

/** The words of a room. */
export interface Vocabulary {
  readonly steps: Steps;
  readonly causes: Causes;
  readonly waits: Waits;
}

/** What a dissector knows of the bytes that it reads. */
export interface Carried {
  readonly carrier: 'link' | 'udp' | 'tcp';
  /** From the client's end to the server's, as far as the ports say. */
  readonly toServer: boolean;
  /** Length on the wire: a capture may hold fewer bytes. */
  readonly wireLength: number;
}

/**
 * A protocol, whole: what the rest of pxewright knows of it. Every loop over protocols (observer, judge, dissector,
 * phases, the scenario's schema, the pages of harness/docs) reads this object. Only what judges the order of a boot, and
 * explains it, names protocols besides (boot-*.ts, diagnosis.ts and client-judge.ts in harness/verdict).
 * `E`: its events; `H`: those that its machines hear, of rooms below it as well.
 */
export interface Protocol<E extends AnyEvent, H extends AnyEvent = E, V extends Vocabulary = Vocabulary, C = unknown> {
  readonly name: string;
  /** One sentence, with the specification. */
  readonly about: string;
  /** Rooms below this one, which it may import from (harness/setup/import-direction.ts). */
  readonly over?: readonly string[];
  /** What its observer reports, each event in one sentence. */
  readonly events: Readonly<Record<E['type'], string>>;
  readonly words: V;
  /** Any conversation may have its steps: caches and stacks decide when, so a strict scenario allows them. */
  readonly incidental?: true;
  /** Causes of this protocol when nobody listens on one of its TCP ports. */
  readonly unreachable?: keyof V['causes'] & string;
  readonly shared?: SharedMedium<E | MalformedEvent, C>;
  /** Begins to follow the bulk transfers of one client, if this protocol has meters. */
  readonly transfers?: () => TransferWatch<E>;
  readonly udp?: UdpService<E | MalformedEvent>;
  /** UDP ports that both ends of an event's conversation chose for it, beside those of `udp`. */
  readonly chosenPorts?: (event: E) => readonly number[];
  readonly tcp?: TcpApplication<E | H | MalformedEvent>;
  /** Looks into files, whatever protocol carries them. */
  readonly files?: (client: ObservedClient<E>) => FileWatch;
  /** The protocol's layers in one frame, for people; undefined for bytes that show nothing of it. */
  readonly dissect?: (bytes: Uint8Array, carried: Carried) => Dissection | undefined;
  readonly judge?: Judging<H>;
  /** Events that the end of a client brings about: what was open is closed. */
  readonly closing?: readonly E['type'][];
  /** What an event shows of the client itself. */
  readonly shows?: (event: E) => ClientShown;
  /** The beginning of a load, where the request is no step of its own. */
  readonly loadBegan?: (event: E) => StepDraft | undefined;
  readonly boot?: BootMarks;
}

/** A protocol's declaration, checked against its events `E` and those that it hears, `H`. */
export function defineProtocol<E extends AnyEvent, H extends AnyEvent = E, C = unknown>() {
  return <const V extends Vocabulary>(protocol: Protocol<E, H, V, C>): Protocol<E, H, V, C> => protocol;
}
