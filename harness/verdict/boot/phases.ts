import type { ClientResult } from '../../../reports/result.ts';
import { type Phase, PHASES } from '../../protocols/base/judge/boot-meaning.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { PROTOCOLS } from '../../protocols/index.ts';
import { type ExtraPorts, portsOf } from '../../protocols/ports.ts';

/** One phase of a boot, milliseconds from its start. */
type PhaseSpan = NonNullable<ClientResult['phaseSpans']>[number];

/**
 * Where a boot's time went, phase by phase, from its steps alone; a phase that did not end is absent. Each protocol
 * declares which steps begin and end a phase (`boot` of its declaration); this file has the order of the phases.
 */
export function phasesOf(steps: readonly StepDraft[], startUs: number, ports?: ExtraPorts): PhaseSpan[] {
  const passed = steps.filter((step) => step.verdict === 'passed');
  const marked = marksOf(passed, ports);

  const discover = marked('begins', 'dhcp').first();
  const ack = discover && marked('ends', 'dhcp').first((step) => step.startUs >= discover.startUs);
  const proxyRequest = marked('begins', 'proxy').first();
  const proxyAck = marked('ends', 'proxy').first();
  const guest = marked('begins', 'guest-dhcp').first();
  const guestAck = guest && marked('ends', 'guest-dhcp').first((step) => step.startUs >= guest.startUs);
  const guestFrame = guest ?? marked('ends', 'os').earliest();
  const loads = marked('ends', 'kernel').all((step) => !guestFrame || step.endUs <= guestFrame.startUs);
  const [nbp] = loads;
  const last = loads.at(-1);
  const image = marked('begins', 'image').first();
  const imageRead = marked('ends', 'image').last();
  // A logon that serves the image ends before the image is read: later ones are other logons.
  const letIn = marked('ends', 'authentication').latest((step) => !image || step.startUs < image.startUs);
  const upload = marked('ends', 'capture').last();
  const written = marked('ends', 'backup').last();
  // What is read before a snapshot is written is for comparison.
  const afterBackup: Test = (step) => written === undefined || step.startUs >= written.endUs;
  const read = marked('ends', 'restore').all(afterBackup).at(-1);

  const ends: Readonly<Record<Phase, readonly [fromUs: number | undefined, toUs: number | undefined]>> = {
    firmware: [startUs, discover?.startUs],
    dhcp: [discover?.startUs, ack?.endUs],
    proxy: [
      ack && proxyRequest && ack.endUs <= proxyRequest.startUs ? ack.endUs : proxyRequest?.startUs,
      proxyAck?.endUs,
    ],
    nbp: [proxyAck?.endUs ?? ack?.endUs, nbp?.endUs],
    kernel: last === nbp ? [undefined, undefined] : [nbp?.endUs, last?.endUs],
    os: [last?.endUs, guestFrame?.startUs],
    'guest-dhcp': [guest?.startUs, guestAck?.endUs],
    authentication: [marked('begins', 'authentication').earliest()?.startUs, letIn?.endUs],
    image: [image?.startUs, imageRead?.endUs],
    capture: [upload?.startUs, upload?.endUs],
    backup: [marked('begins', 'backup').first()?.startUs, written?.endUs],
    restore: [marked('begins', 'restore').first(afterBackup)?.startUs, read?.endUs],
  };
  return Object.keys(PHASES).flatMap((phase): PhaseSpan[] => {
    const [fromUs, toUs] = ends[phase as Phase];
    if (fromUs === undefined || toUs === undefined || toUs < fromUs) return [];
    return [{ phase, startMs: (fromUs - startUs) / 1000, durationMs: (toUs - fromUs) / 1000 }];
  });
}

type Test = (step: StepDraft) => boolean;

/** Steps that begin or end a phase, in the order in which they were judged. */
interface Marked {
  all(test?: Test): StepDraft[];
  first(test?: Test): StepDraft | undefined;
  last(): StepDraft | undefined;
  /** Of each protocol's first such step the one that began first. */
  earliest(): StepDraft | undefined;
  /** Of each protocol's first such step the one that ended last. */
  latest(test?: Test): StepDraft | undefined;
}

function marksOf(passed: readonly StepDraft[], extra: ExtraPorts | undefined) {
  return (mark: 'begins' | 'ends', phase: Phase): Marked => {
    const tests = PROTOCOLS.flatMap((protocol): Test[] => {
      const marks = protocol.boot?.[mark]?.[phase];
      const ports = portsOf(protocol, extra);
      return marks ? [(step) => marks(step, ports)] : [];
    });
    const isMarked: Test = (step) => tests.some((test) => test(step));
    const firsts = (also: Test = () => true): StepDraft[] =>
      tests.flatMap((test) => passed.find((step) => test(step) && also(step)) ?? []);
    return {
      all: (test = () => true) => passed.filter((step) => isMarked(step) && test(step)),
      first: (test = () => true) => passed.find((step) => isMarked(step) && test(step)),
      last: () => passed.findLast(isMarked),
      earliest: () => firsts().toSorted((one, other) => one.startUs - other.startUs)[0],
      latest: (test) => firsts(test).toSorted((one, other) => other.endUs - one.endUs)[0],
    };
  };
}
