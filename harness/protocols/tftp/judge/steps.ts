import type { TftpSide } from '../observe/anomaly.ts';
import type { TftpEvent } from '../observe/events.ts';
import { type IcmpRefusal, refusedExchange } from '../../icmp/judge/refusal.ts';
import { optionNumber } from '../wire/options.ts';
import type { TftpOption } from '../wire/message.ts';
import { type BootProgram, bootProgramWord } from '../../base/wire/boot-program.ts';
import { bootRequestBreach, isTold } from '../../base/judge/boot-target.ts';
import type { LoadingInput } from '../../base/judge/loading.ts';
import type { Waiting } from '../../base/judge/machine-parts.ts';
import { configuredBy, isExpectedPath, isProbeName } from '../../base/judge/path-names.ts';
import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { Breach, Sighting, StepDraft } from '../../base/judge/step.ts';
import { TFTP } from './vocabulary.ts';
import { optionAckBreach, optionDetail } from './options.ts';

/** What is known of one transfer. */
export interface TransferContext extends Waiting, LoadingInput {
  /** The observer's name of the transfer: `client end>server end#frame`. */
  readonly transfer: string;
  readonly refusal: IcmpRefusal | undefined;
  /** Where the transfer stands still because its block numbers begin anew. */
  readonly rollOver: (Sighting & { readonly block: number; readonly by: TftpSide }) | undefined;
  readonly path: string;
  readonly server: string;
  readonly mode: string;
  readonly asked: Sighting;
  readonly options: readonly TftpOption[];
  /** undefined until an OACK came. */
  readonly granted: readonly TftpOption[] | undefined;
  readonly firstData: Sighting;
  /** What the first block shows. */
  readonly program: BootProgram | undefined;
  readonly retransmissions: number;
  /** The packet that came again last: the number of its block, and how often in a row. */
  readonly repeated: { readonly block: number; readonly times: number } | undefined;
  readonly gaps: number;
}

type Of<T extends TftpEvent['type']> = Extract<TftpEvent, { readonly type: T }>;
const { judged, recorded } = stepBuilders('tftp', TFTP);

/** `tftp.read-request`; the first one after DHCP must be for the file that DHCP named. */
export function readRequestStep(
  context: TransferContext,
  event: Sighting & {
    readonly filename: string;
    readonly server: { readonly ip: string };
    readonly mode: string;
    readonly options: readonly TftpOption[];
  },
): StepDraft {
  // Names that boot programs try by themselves say nothing about the boot file that DHCP named.
  const told = isProbeName(event.filename)
    ? undefined
    : bootRequestBreach(context.targets, event.filename, event.server.ip);
  // RFC 1350 section 1 has netascii beside octet, and gives up mail.
  const mode: Breach<keyof typeof TFTP.causes> | undefined = /^(octet|netascii)$/i.test(event.mode)
    ? undefined
    : { expected: 'transfer mode octet or netascii', actual: `“${event.mode}”`, cause: 'tftp-protocol-breach' };
  return judged({
    step: 'tftp.read-request',
    at: event,
    detail: {
      path: event.filename,
      server: event.server.ip,
      mode: isOctet(event.mode) ? undefined : event.mode,
      ...optionDetail(event.options),
    },
    breach: told ?? mode,
  });
}

/** `tftp.option-ack`. */
export function optionAckStep(context: TransferContext, event: Of<'tftp.option-ack'>): StepDraft {
  return judged({
    step: 'tftp.option-ack',
    from: context.asked,
    at: event,
    detail: { path: event.filename, server: event.server.ip, ...optionDetail(event.options) },
    breach: optionAckBreach(context.options, event.options),
  });
}

/** `tftp.option-ack` after DATA: an OACK answers the request, in the place of the first block (RFC 2347). */
export function lateOptionAckStep(context: TransferContext, event: Of<'tftp.option-ack'>): StepDraft {
  return judged({
    step: 'tftp.option-ack',
    from: context.asked,
    at: event,
    detail: { path: event.filename, ...optionDetail(event.options) },
    breach: {
      expected: 'options before the first block (RFC 2347)',
      actual: 'an OACK after it',
      cause: 'tftp-illegal-option-ack',
    },
  });
}

/** `tftp.option-ack`, recorded. */
export function strayOptionAckStep(event: Of<'tftp.option-ack'>): StepDraft {
  return recorded({
    step: 'tftp.option-ack',
    at: event,
    detail: { path: event.filename },
    why: event.repeated ? 'the same answer again' : 'no request waits for options',
  });
}

/** The failed step of a transfer that does not go on after block 65535. */
function rollOverStep(context: TransferContext, stop: NonNullable<TransferContext['rollOver']>): StepDraft {
  const { path, server, asked } = context;
  const { block, by } = stop;
  return judged({
    step: 'tftp.transfer',
    from: asked,
    at: stop,
    detail: { path, server },
    breach: {
      expected: `“${path}” to be complete`,
      actual: `the ${by} does not go on after block ${block}${block === 0xffff ? '' : ', which follows block 65535'}`,
      cause: 'tftp-rollover',
    },
  });
}

/** The failed step of a transfer that cannot end well; undefined where nothing has said so. */
export function hopelessStep(context: TransferContext): StepDraft | undefined {
  if (context.rollOver) return rollOverStep(context, context.rollOver);
  return context.refusal && refusedStep(context, context.refusal);
}

/** The failed step of a request, or a transfer, that ICMP answered last. */
function refusedStep(context: TransferContext, refusal: IcmpRefusal): StepDraft {
  const { path, server, asked } = context;
  const isUnderWay = context.granted !== undefined || context.firstData.frame > 0;
  return judged({
    step: isUnderWay ? 'tftp.transfer' : 'tftp.read-request',
    detail: { path, server },
    ...refusedExchange(
      asked,
      isUnderWay ? `“${path}” to be complete` : `an answer from ${server} to the request for “${path}”`,
      refusal,
    ),
  });
}

/** `tftp.unfinished`: how far a transfer came, and whether the server said anything at all. */
export function unfinishedStep(context: TransferContext, event: Of<'tftp.unfinished'>): StepDraft {
  const { unacknowledged } = event;
  const hopeless = isProbeName(event.filename) ? undefined : hopelessStep(context);
  if (hopeless) return hopeless;
  return recorded({
    step: 'tftp.unfinished',
    from: context.asked,
    at: event,
    detail: {
      path: event.filename,
      bytes: event.figures.bytes,
      blocks: event.blocks,
      retransmissions: event.figures.retransmissions,
    },
    why:
      unacknowledged === undefined
        ? event.reason
        : `${event.reason}; its last block ${unacknowledged} was never acknowledged`,
    cause: context.granted || context.firstData.frame > 0 ? 'transfer-stalled' : 'tftp-silent',
  });
}

/**
 * `tftp.size-probe`: the client only wanted to know the size and said so with ERROR 0 or 8 (harness/docs/protocols.md
 * 2.2).
 */
export function sizeProbeStep(context: TransferContext, event: Of<'tftp.error'>): StepDraft {
  return judged({
    step: 'tftp.size-probe',
    from: context.asked,
    at: event,
    detail: {
      path: event.filename,
      tsize: optionNumber(context.granted ?? [], 'tsize'),
      code: event.code,
      message: event.message,
    },
  });
}

/** `tftp.transfer`: complete, and as long as tsize promised. */
export function transferStep(context: TransferContext, event: Of<'tftp.complete'>): StepDraft {
  const { figures } = event;
  return judged({
    step: 'tftp.transfer',
    from: context.asked,
    at: event,
    frames: [figures.firstFrame, figures.lastFrame],
    detail: {
      path: event.filename,
      server: event.server.ip,
      bytes: figures.bytes,
      blocks: event.blocks,
      blksize: event.blksize,
      windowsize: event.windowsize,
      retransmissions: Math.max(figures.retransmissions, context.retransmissions),
      gaps: context.gaps === 0 ? undefined : context.gaps,
      ...programDetail(context),
    },
    breach: transferBreach(context, event),
  });
}

/** What the boot file is; other files are none of the firmware's to start. */
function programDetail({ program, path, targets, told }: TransferContext): { program?: string; signed?: boolean } {
  if (program === undefined || !isTold([...targets, ...told], path)) return {};
  const { signed } = program;
  return { program: bootProgramWord(program), ...(signed === undefined ? {} : { signed }) };
}

// Block sizes and numbers are judged where they are wrong: the OACK by itself, DATA by its anomaly.
function transferBreach(
  { mode }: TransferContext,
  { tsize, figures: { bytes } }: Of<'tftp.complete'>,
): Breach<keyof typeof TFTP.causes> | undefined {
  // The size is the file's; netascii sends more (RFC 2349, RFC 764).
  return tsize === undefined || tsize === bytes || !isOctet(mode)
    ? undefined
    : { expected: `${tsize} bytes, as tsize promised`, actual: `${bytes} bytes`, cause: 'transfer-size-mismatch' };
}

const isOctet = (mode: string): boolean => /^octet$/i.test(mode);

/**
 * GRUB opens its configuration to see whether it exists, and closes it. In one turn it takes what its card has, and only after more than ten
 * packets it looks whether what it waits for, the options, has come (`receive_packets` in grub-core/net/net.c). With a server that is quicker
 * than its turn it acknowledges ten blocks first: 3 of 14 boots beside other work, the others none.
 */
const BLOCKS_OF_GRUBS_LOOK = 10;

/**
 * Whether a client's error ends a size probe: the request had tsize, the OACK granted it, or the first block came from a
 * server without options, and no block was acknowledged, although one may have come; GRUB acknowledges some of its own
 * configuration.
 */
export function isSizeProbe(context: TransferContext, event: Of<'tftp.error'>): boolean {
  if (event.by !== 'client' || (event.code !== 0 && event.code !== 8)) return false;
  if (!context.options.some((option) => option.name === 'tsize')) return false;
  if (event.acknowledged > (configuredBy(event.filename) === 'GRUB' ? BLOCKS_OF_GRUBS_LOOK : 0)) return false;
  return context.granted === undefined
    ? context.firstData.frame > 0
    : context.granted.some((option) => option.name === 'tsize');
}

/** Whether a server's "file not found" is harmless: for a probing name, or a file that nothing counts on. */
export function isHarmlessMiss(context: TransferContext, event: Of<'tftp.error'>): boolean {
  if (event.by !== 'server' || event.code !== 1) return false;
  if (isExpectedPath(event.filename, context.expectedPaths)) return false;
  return isProbeName(event.filename) || !isTold([...context.targets, ...context.told], event.filename);
}

/** `tftp.error`, recorded: the file need not exist. */
export function harmlessMissStep(context: TransferContext, event: Of<'tftp.error'>): StepDraft {
  const why = isProbeName(event.filename)
    ? 'boot programs try this name and continue without it'
    : 'a file that neither DHCP nor the scenario named';
  return recorded({
    step: 'tftp.error',
    from: context.asked,
    at: event,
    detail: errorDetail(event),
    why,
    cause: 'boot-file-missing',
  });
}

/** `tftp.error`, failed. */
export function errorStep(context: TransferContext, event: Of<'tftp.error'>): StepDraft {
  return judged({
    step: 'tftp.error',
    from: context.asked,
    at: event,
    detail: errorDetail(event),
    breach: {
      expected: `“${event.filename}” to be transferred`,
      actual: `error ${event.code} by the ${event.by}: ${event.message || 'no message'}`,
      cause: errorCause(event, context),
    },
  });
}

function errorCause(event: Of<'tftp.error'>, context: TransferContext): keyof typeof TFTP.causes {
  if (event.atRollOver) return 'tftp-rollover';
  if (event.by === 'client') {
    if (context.firstData.frame > 0) return 'transfer-aborted';
    return context.granted ? 'tftp-options-refused' : 'transfer-aborted';
  }
  // RFC 1350 section 5: 1 file not found, 2 access violation; RFC 2347: 8 options not acceptable.
  const causes: Readonly<Record<number, keyof typeof TFTP.causes>> = {
    1: 'boot-file-missing',
    2: 'tftp-access-denied',
    8: 'tftp-options-refused',
  };
  return causes[event.code] ?? 'tftp-refused';
}

function errorDetail(event: Of<'tftp.error'>): { path: string; code: number; message: string; by: string } {
  return { path: event.filename, code: event.code, message: event.message, by: event.by };
}
