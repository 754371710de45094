import type { Waiting } from '../../protocols/base/judge/machine-parts.ts';
import { type LadderName, LADDERS } from '../../protocols/base/judge/ladders.ts';
import type { Climb } from '../../profiles/profile.ts';
import type { KnownLadder } from '../../profiles/profile-watch.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';

/** A wait that is open when the capture ends. */
export interface OpenWait {
  readonly kind: string;
  readonly waitsFor: string | undefined;
  readonly ladder: LadderName | undefined;
  /** How the client's program repeats the request. */
  readonly known: KnownLadder;
  readonly context: Waiting;
}

/** What the wait's client did beside it. */
export interface Around {
  /** Where the client began its boot anew after this moment; undefined where it did not. */
  readonly startedOver: (after: Sighting) => Sighting | undefined;
  /** It asks for an address as the system that was booted, whose ladder nobody knows. */
  readonly asksAsSystem: boolean;
  /** Another server has named a boot file. */
  readonly toldBootFile: boolean;
}

/** What proves that a request went unanswered although no deadline has passed: the client's own behaviour. */
export interface Proof {
  /** Frames that show it. */
  readonly frames: readonly number[];
  /** What they show, in words. */
  readonly text: string;
}

/**
 * A client that is a little early on the last rung has climbed it: timers tick, and iPXE adapts its first wait to the
 * round trip.
 */
const EARLY = 0.85;
/** Tries that a client may make beyond its ladder: a packet that the network showed twice. */
const MORE_TRIES = 2;
/** One unanswered try may be one lost frame; a second one shows that the client noticed. */
const TRIES_BEFORE_ANEW = 2;

/**
 * What proves that no answer comes to a wait that is open at the end of a capture; undefined where the client may still
 * be waiting.
 */
export function proofOfSilence(wait: OpenWait, around: Around): Proof | undefined {
  const { tries = [] } = wait.context;
  const last = tries.at(-1);
  if (wait.ladder === undefined || last === undefined) return undefined;
  if (wait.kind === 'dhcp' && around.asksAsSystem) return undefined;
  const frames = tries.map(({ frame }) => frame);
  const asked = timesAsked(wait.ladder, tries);
  if (isClimbed(wait.known.climbs, tries, around)) return { frames, text: `${asked}; the client tries no further` };
  const anew = tries.length >= TRIES_BEFORE_ANEW ? around.startedOver(last) : undefined;
  return (
    anew && { frames: [...frames, anew.frame], text: `${asked}; then the client began anew (frame ${anew.frame})` }
  );
}

/** Whether these tries are all that a client makes of a request. */
function isClimbed(climbs: readonly Climb[], tries: readonly Sighting[], { toldBootFile }: Around): boolean {
  const spanMs = ((tries.at(-1)?.atUs ?? 0) - (tries[0]?.atUs ?? 0)) / 1000;
  // Whoever has made more tries than a ladder has rungs is on a longer one, if there is one.
  const longer = climbs.filter(({ waitsMs }) => tries.length <= waitsMs.length + MORE_TRIES);
  return (longer.length > 0 ? longer : climbs).some(
    ({ waitsMs, goesOn }) =>
      !(goesOn && toldBootFile) && tries.length >= waitsMs.length && spanMs >= EARLY * sum(waitsMs.slice(0, -1)),
  );
}

/** A step that a deadline would have failed, with what proves it earlier. */
export function withProof(draft: StepDraft, { frames, text }: Proof): StepDraft {
  const all = [...draft.frames, ...frames].sort((one, other) => one - other);
  const proven = { ...draft, frames: [...new Set(all)] };
  if (draft.verdict === 'failed') return { ...proven, actual: `${draft.actual ?? ''}: ${text}` };
  return { ...proven, why: `${text}; ${draft.why ?? ''}` };
}

/** An open wait as the reason of an inconclusive verdict: what came last, how long ago, and what had not come. */
export function openWaitText({ waitsFor, ladder: name, context }: OpenWait, endUs: number): string {
  const { tries = [], since } = context;
  const last = tries.at(-1);
  if (name === undefined || last === undefined)
    return `${ago(since, endUs)}, while the client was waiting for ${waitsFor ?? 'an answer'}`;
  const { request, answer } = LADDERS[name];
  const count = tries.length > 1 ? ` ${tries.length}` : '';
  return `${after(endUs - last.atUs)} ${request}${count} (frame ${last.frame}), no ${answer} yet`;
}

/** `2.4 s after frame 7`. */
export function ago({ frame, atUs }: Sighting, endUs: number): string {
  return `${after(endUs - atUs)} ${frame > 0 ? `frame ${frame}` : 'power-on'}`;
}

/** `2.4 s after`; what comes with the next frame is said to. */
const after = (us: number): string => (us < 1000 ? 'right after' : `${seconds(us)} after`);

function timesAsked(name: LadderName, tries: readonly Sighting[]): string {
  const { request } = LADDERS[name];
  const steps = tries.slice(1).map(({ atUs }, index) => seconds(atUs - (tries[index]?.atUs ?? atUs)));
  const shown = steps.length > MAX_STEPS ? [...steps.slice(0, MAX_STEPS), '…'] : steps;
  return `${tries.length} ${request}${tries.length === 1 ? '' : 's'} (${frameText(tries)}${steps.length === 0 ? '' : `, after ${shown.join(', ')}`})`;
}

/** Steps between tries that a message shows. */
const MAX_STEPS = 6;

const frameText = (tries: readonly Sighting[]): string =>
  `frame${tries.length === 1 ? '' : 's'} ${tries.map(({ frame }) => frame).join(', ')}`;
const seconds = (us: number): string =>
  us < 100_000 ? `${Math.round(us / 1000)} ms` : `${(us / 1e6).toFixed(us < 9_950_000 ? 1 : 0)} s`;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
