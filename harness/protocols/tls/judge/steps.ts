import { stepBuilders } from '../../base/judge/step-builders.ts';
import type { Breach, Sighting, StepDraft } from '../../base/judge/step.ts';
import type { TlsEvent } from '../observe/events.ts';
import { alertCause } from './alerts.ts';
import type { Closed, TlsContext } from './context.ts';
import { TLS, type TlsCause } from './vocabulary.ts';
import { directionOf, volumeDetail } from './volumes.ts';

const { judged, recorded, missed, unexpected } = stepBuilders('tls', TLS);

type Alert = Omit<Extract<TlsEvent, { readonly type: 'tls.alert' }>, 'type'>;
type TlsBreach = Breach<TlsCause>;

/** What every step about a transfer says, so that nobody takes it for more than it is. */
const BY_VOLUMES = 'judged by its connections and volumes: TLS hides what they carry';

const serverOf = ({ server, port }: TlsContext) => ({ server, port });

const handshakeDetail = (context: TlsContext) => ({
  ...serverOf(context),
  version: context.version,
  cipher: context.cipher,
  name: context.name,
  protocols: context.protocols.length === 0 ? undefined : context.protocols.join(', '),
});

/** The recorded step of what no state expects. */
export function unexpectedStep(event: {
  readonly type: string;
  readonly atUs: number;
  readonly frame?: number;
}): StepDraft {
  return unexpected(event);
}

export function handshakeStep(context: TlsContext, at: Sighting, breach?: TlsBreach): StepDraft {
  return judged({ step: 'tls.handshake', from: context.began, at, detail: handshakeDetail(context), breach });
}

/** One side refuses the other, which ends the connection. */
export function alertStep(context: TlsContext, event: Alert): StepDraft {
  const cause = alertCause(event);
  const parts = alertParts(context, event);
  if (!context.isStore(context.port))
    return recorded({ ...parts, why: `the ${event.by} refused the other side: ${alertText(event)}`, cause });
  return judged({
    ...parts,
    breach: { expected: 'the handshake to go on', actual: `the ${event.by} sends ${alertText(event)}`, cause },
  });
}

/** An alert after which both sides go on. */
export function warningStep(context: TlsContext, event: Alert): StepDraft {
  return recorded({ ...alertParts(context, event), why: `a warning of the ${event.by}: ${alertText(event)}` });
}

function alertParts(context: TlsContext, event: Alert) {
  const { by, name: alert } = event;
  const detail = { ...serverOf(context), by, alert, version: context.version, name: context.name };
  return { step: 'tls.alert', from: context.began, at: event, detail } as const;
}

const alertText = ({ name }: Alert): string =>
  name === undefined
    ? 'a record that is as short as an alert, in place of its part of the handshake; what it says is encrypted'
    : `alert ${name}`;

/** The connection ended in the handshake. */
export function brokenStep(context: TlsContext, event: Closed): StepDraft {
  const { notSpoken } = context;
  return handshakeStep(context, event, {
    expected: 'the handshake to go on',
    ...(notSpoken === undefined
      ? { actual: `${event.reason} by the ${event.by ?? 'server'}`, cause: 'tls-unfinished' as const }
      : { actual: `the server answers “${notSpoken}”, which is no TLS`, cause: 'tls-not-spoken' as const }),
  });
}

/** Nothing came any more. */
export function silentStep(context: TlsContext, atUs: number): StepDraft {
  const { since, version, notSpoken } = context;
  const parts = { step: 'tls.handshake' as const, detail: handshakeDetail(context) };
  // No boot is known to need a server that is no store.
  if (!context.isStore(context.port))
    return recorded({ ...parts, from: since, at: { frame: 0, atUs }, why: 'the handshake did not go on' });
  const waitedFor = version === undefined ? 'the server’s hello' : 'the end of the handshake';
  return missed({
    ...parts,
    since,
    atUs,
    waitedFor,
    actual: notSpoken === undefined ? 'nothing' : `“${notSpoken}”, which is no TLS`,
    cause: notSpoken === undefined ? 'tls-silent' : 'tls-not-spoken',
  });
}

/**
 * Whether a connection ended in the middle: a server that ends one in good order says so before. restic says nothing, but
 * ends no connection inside a record.
 */
export const isCut = ({ by, saidSo, insideRecord }: Closed): boolean =>
  insideRecord === true || (by === 'server' && !saidSo);

/** How a connection was cut: `the connection was reset by the server without a word`. */
function cutText(cut: Closed | undefined): string {
  const { reason = 'the connection ended', by = 'server', insideRecord } = cut ?? {};
  return `${reason} by the ${by} ${insideRecord ? 'inside a record' : 'without a word'}`;
}

const cutCause = (cut: Closed | undefined): TlsCause => (cut?.by === 'client' ? 'tls-client-gone' : 'tls-cut');

/** A connection to a store is over. */
export function transferStep(context: TlsContext, event: Closed): StepDraft {
  return { ...judged(transferParts(context, event)), why: BY_VOLUMES };
}

function transferParts(context: TlsContext, event: Closed) {
  return {
    step: 'tls.transfer',
    from: context.began,
    at: event,
    detail: { ...serverOf(context), ...volumeDetail(event), direction: directionOf(event) },
  } as const;
}

/** The connection was cut, and the client connected again. */
export function cutStep(context: TlsContext): StepDraft {
  const { cut, since: at } = context;
  return recorded({
    step: 'tls.cut',
    from: context.began,
    at,
    detail: { ...serverOf(context), ...(cut && volumeDetail(cut)) },
    why: `${cutText(cut)}, and the client connected again; ${BY_VOLUMES}`,
    cause: cutCause(cut),
  });
}

/** The connection was cut, and the client did not come back. */
export function goneStep(context: TlsContext, atUs: number): StepDraft {
  const { cut, since } = context;
  return missed({
    step: 'tls.transfer',
    detail: {
      ...serverOf(context),
      ...(cut && { ...volumeDetail(cut), direction: directionOf(cut) }),
    },
    since,
    atUs,
    waitedFor: 'the client to connect to the store again',
    actual: `${cutText(cut)}, and no connection after it`,
    cause: cutCause(cut),
  });
}

/** A connection that nobody ended before the capture did. */
export function unfinishedStep(context: TlsContext, event: Closed): StepDraft {
  return recorded({
    ...transferParts(context, event),
    why: `the connection was still open: ${event.reason}; ${BY_VOLUMES}`,
  });
}

/** A connection to a server that is no store. */
export function closedStep(context: TlsContext, event: Closed): StepDraft {
  return recorded({
    step: 'tls.closed',
    from: context.began,
    at: event,
    detail: { ...serverOf(context), ...volumeDetail(event) },
    why: `no store of disk backups is known on port ${context.port}; ${BY_VOLUMES}`,
  });
}
