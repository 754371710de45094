import { defined } from '../../servers/service/defined.ts';
import type { CauseName } from '../protocols/words.ts';
import { roomOfEvent, roomOfStep, ROOMS } from '../protocols/rooms.ts';
import { portsOf, type ExtraPorts } from '../protocols/ports.ts';
import type { ClientResult, Step, Verdict } from '../../reports/result.ts';
import { bootMachine } from './boot-machine.ts';
import { type BootEvent, toBootEvent } from './boot-events.ts';
import { type BootContext, missingConfiguration } from './boot-progress.ts';
import type { Unreachable } from '../protocols/base/judge/boot-facts.ts';
import type { MeteredTransfer } from '../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../protocols/events.ts';
import type { Expectation, StoryPlan } from '../plan/plan.ts';
import { bootServiceCause, createServiceHistory, option250Of } from './boot-service-facts.ts';
import { whyOf } from './causes.ts';
import { createClientMachines } from './client-machines.ts';
import { contradicts, type Ending, showExpectation, unmetStep } from './diagnosis.ts';
import { isOptionalConfiguration } from '../protocols/base/judge/path-names.ts';
import { failureMissing, mismatchText, skippedStep, toStep, unfinishedStep, withDuration } from './story-steps.ts';
import { bootsOverIpv6, goneAnotherWay, IPV6_NOT_JUDGED } from './other-ways.ts';
import { blamedOnArp } from './unanswered-arp.ts';
import { isPassedBy } from './unmeetable.ts';
import { provenByClient, provenNothingLoaded, provenUnconfigured } from './capture-end.ts';
import { isSignOfBoot } from './booting.ts';
import { openAtEnd } from './half-way.ts';
import { ago, type OpenWait } from './retries.ts';
import { type CaptureDoubts, doubted } from './doubts.ts';
import { createExpectations } from './expectations.ts';
import type { JudgedClient, JudgeOptions } from './judge-types.ts';
import { type MachineRun, runMachine } from './machine-run.ts';
import { phasesOf } from './phases.ts';
import { bareUser, configuredPorts, expectedPaths, expectsGuest, knownUsers, servedRoot } from './plan-facts.ts';
import { listedTransfer, watchTransfers } from './transfers.ts';
import type { Sighting, StepDraft } from '../protocols/base/judge/step.ts';

/** One client's story: its machines, its boot, what the scenario expects of it, and which expectations were met. */
export interface ClientJudge {
  accept(event: ProtocolEvent): void;
  /** Earliest deadline, capture time. */
  readonly dueUs: number;
  /** Fires deadlines that capture time has passed. */
  expire(atUs: number): void;
  /** Ends the story: by time, or because the VM ended. `close` then closes what was under way. */
  end(ending: Ending): void;
  /** The capture ends, and its meters are still open: judges what the client has shown to be in vain. */
  conclude(atUs: number): void;
  /** The capture is over. */
  close(atUs: number): void;
  /** When the story ran out of time, or was ended; undefined while it goes on. */
  readonly overAtUs: number | undefined;
  /** The verdict, when no later frame or deadline can change it. */
  readonly verdict: Verdict | undefined;
  /** Whether no later frame or deadline can change the verdict. */
  readonly settled: boolean;
  result(): ClientResult;
}

const GOAL = 'boot.complete';
const BARE_GOAL: Expectation = { step: GOAL, with: {}, source: '' };

/** Begins a client's story at `startUs`. */
export function createClientJudge(
  client: JudgedClient,
  startUs: number,
  options: Pick<JudgeOptions, 'plan' | 'onStep' | 'openEnd'> & { readonly doubts?: CaptureDoubts | undefined },
): ClientJudge {
  const { plan } = options;
  const budgets = plan?.budgets ?? {};
  const { expectations: listed, expectFailure }: StoryPlan = client.story ?? plan ?? { expectations: [] };
  // A scenario that names no step still wants a boot.
  const expectations = createExpectations(
    plan && listed.length === 0 && !expectFailure ? [BARE_GOAL] : listed,
    plan?.strict ?? false,
  );
  const users = knownUsers(plan?.services ?? []);
  // What the user's own programs serve, a plan does not say.
  const allServices = plan?.programs === undefined ? plan?.services : undefined;
  const drafts: StepDraft[] = [];
  const services = createServiceHistory();
  const steps: Step[] = [];
  const transfers: MeteredTransfer[] = [];
  const transferOf = watchTransfers();
  let ip: string | undefined;
  let architecture: number | undefined;
  let failure: StepDraft | undefined;
  let verdict: Verdict | undefined;
  let ending: Ending | undefined;
  let closed = false;
  let open: string | undefined;
  /** The first failure that may be the capture's own, after which the client did not go on. */
  let doubt: string | undefined;
  let boots = false;
  /** What was waited for while the meters were still open: they end a transfer, and with it its wait. */
  let waitsAtEnd: readonly OpenWait[] | undefined;
  // Without a scenario it is always somebody else's capture that is judged.
  const openEnd = options.openEnd ?? plan === undefined;

  const boot = runMachine(
    'boot',
    bootMachine,
    {
      startUs,
      planned: plan !== undefined,
      budgeted: Object.keys(budgets),
      guestExpected: expectsGuest(listed),
      servedRoot: plan && servedRoot(plan),
    },
    budgets,
  );
  const ports = configuredPorts(plan?.services ?? []);
  const expected = expectedPaths(listed);
  const machines = createClientMachines(
    {
      option250: option250Of(plan?.services),
      architecture: () => architecture,
      loading: () => {
        const { targets, told } = boot.context as BootContext;
        return { targets, told, expectedPaths: expected };
      },
      unreachable: (port) => unreachable(port, ports),
    },
    budgets,
  );
  const timeoutUs = plan ? startUs + plan.timeoutMs * 1000 : Infinity;

  const take = (draft: StepDraft): void => {
    const believed = believe(draft);
    const step = explained(
      blamedOnArp(sharpened(believed, bootServiceCause(believed, services, allServices)), drafts),
      expectations.accept(believed) === 'unexpected',
      expectations.next,
      { users, isPlayed: client.plays !== undefined },
    );
    drafts.push(step);
    services.note(step);
    boots ||= isSignOfBoot(step);
    const shown = toStep(step, startUs);
    steps.push(shown);
    const learnt = roomOfStep(step.step)?.boot?.learns?.(step);
    architecture ??= learnt?.architecture;
    ip = learnt?.ip ?? ip;
    if (step.verdict === 'failed' && verdict === undefined) fail(step);
    options.onStep?.(client.mac, shown);
    if (step.machine !== 'boot') tell(toBootEvent(step, ports));
    if (verdict !== undefined || !plan || expectFailure) return;
    reachGoal(step);
    if (isPassedBy(expectations.unmet(), step))
      missed(
        {
          how: 'passed-by',
          atUs: step.endUs,
          reason: `${step.step} came${step.frames.length === 0 ? '' : ` (frame ${step.frames.at(-1) ?? 0})`}, and by then it must have happened`,
        },
        machines.waiting(),
      );
  };
  /** What failed, unless the capture is to blame for it. */
  const believe = (draft: StepDraft): StepDraft => {
    const { step, open: unknown } = doubted(draft, drafts, options.doubts);
    doubt ??= unknown;
    return step;
  };
  const takeUnlessSettled = (draft: StepDraft): void => {
    if (verdict === undefined) take(draft);
  };
  const tell = (event: BootEvent): void => boot.send(event).forEach(take);
  const fail = (step: StepDraft): void => {
    failure ??= step;
    if (plan)
      verdict =
        // The step that says that the failure is missing is not that failure.
        expectFailure?.step === step.step &&
        step.cause !== 'failure-missing' &&
        (expectFailure.cause === undefined || expectFailure.cause === step.cause)
          ? 'passed'
          : 'failed';
  };
  const reachGoal = (step: StepDraft): void => {
    const unmet = expectations.unmet();
    if (unmet.length === 0 && listed.length > 0 && boot.state !== 'complete') tell({ type: 'goal', step });
    else if (unmet.length === 1 && unmet[0]?.step === GOAL && listed.length > 1) tell({ type: 'goal', step });
    if (expectations.next === undefined && boot.state === 'complete') verdict ??= 'passed';
  };
  const finalVerdict = (): Verdict => (failure ? 'failed' : (doubt ?? open) !== undefined ? 'inconclusive' : 'passed');
  const close = (end: Ending): void => {
    if (closed) return;
    closed = true;
    const isOpen = openEnd && end.how === 'capture-ended';
    if (plan && verdict === undefined && !isOpen)
      for (const run of machines.waiting()) if (hasGivenUp(run, end)) run.expire(end.atUs).forEach(take);
    if (verdict === undefined)
      for (const run of machines.waiting()) if (run.context.refusal !== undefined) run.expire(end.atUs).forEach(take);
    const waiting = machines.waiting();
    const reached = boot.context as BootContext;
    const openBoot = openAtEnd({
      boots,
      imaged: boot.state === 'imaged',
      atUs: end.atUs,
      phase: reached.phase,
      since: reached.since,
      toldBootFile: reached.told.length > 0,
      steps: drafts,
      waiting: waitsAtEnd ?? waiting,
      // A boot program that goes on without its configuration lacks none: a capture may just end before it does.
      missingConfiguration: reached.unconfigured.every(isOptionalConfiguration)
        ? undefined
        : missingConfiguration(reached),
    });
    // With a scenario, a boot is complete when its expectations are met.
    if (verdict === undefined && expectations.unmet().every(({ step }) => step === GOAL))
      tell({ type: 'end', atUs: end.atUs, quiet: waiting.length === 0 && openBoot === undefined });
    if (!plan) open = openText(openBoot);
    else if (verdict === undefined && isOpen && !isContradicted()) leaveOpen(openBoot, end);
    else if (verdict === undefined) missed(end, waiting);
    if (!plan) judgeOtherWays();
    for (const run of waiting)
      take(unfinishedStep(run.kind, run.waitsFor ?? '', run.context.since, end.atUs, pathOf(run.context)));
  };
  /** Takes back what failed about one way to boot, where the client went another. */
  const judgeOtherWays = (): void => {
    const replaced = goneAnotherWay(drafts);
    for (const [index, draft] of replaced) {
      drafts[index] = draft;
      steps[index] = toStep(draft, startUs);
    }
    if (replaced.length > 0) failure = drafts.find((step) => step.verdict === 'failed');
    if (bootsOverIpv6(drafts)) open = IPV6_NOT_JUDGED;
  };
  /** Whether the frames show that what the scenario still wants cannot come any more, or did not come. */
  const isContradicted = (): boolean => {
    const unmet = expectations.unmet();
    // A boot that went through has nothing more to come.
    if (unmet.length === 0) return boot.state === 'complete';
    return contradicts({ unmet, candidates: expectations.candidates() });
  };
  const leaveOpen = (openBoot: string | undefined, end: Ending): void => {
    const [first, ...rest] = expectations.unmet();
    const wanted = first ? `and ${showExpectation(first)} has not come yet` : 'and nothing has failed yet';
    open = openText(openBoot ?? ago(lastSeen(drafts, startUs), end.atUs), wanted);
    for (const later of first ? [first, ...rest] : [])
      steps.push(skippedStep(later, 'the capture ends before', (end.atUs - startUs) / 1000));
  };
  const missed = (end: Ending, waiting: ReturnType<typeof machines.waiting>): void => {
    const [first, ...rest] = expectations.unmet();
    if (first) {
      take(
        unmetStep({
          unmet: first,
          steps: drafts,
          candidates: expectations.candidates(),
          waiting,
          ending: end,
          openWait: waiting[0]?.waitsFor ?? boot.waitsFor,
          missingConfiguration: missingConfiguration(boot.context as BootContext),
        }),
      );
      for (const later of rest)
        steps.push(skippedStep(later, `${first.step} did not happen`, (end.atUs - startUs) / 1000));
    } else if (expectFailure) take(failureMissing(expectFailure, end));
  };

  return {
    accept(event) {
      if (closed) return;
      // After the end only the events that the end itself causes count: meters that close.
      const room = roomOfEvent(event);
      if (ending && event.atUs > ending.atUs && !room?.closing?.includes(event.type)) return;
      const begun = room?.loadBegan?.(event);
      if (begun) tell({ type: 'load-began', step: begun });
      const transfer = transferOf(event);
      if (transfer) transfers.push(transfer);
      machines.accept(event).forEach(take);
    },
    get dueUs() {
      return verdict === undefined && !ending ? Math.min(machines.dueUs, boot.dueUs, timeoutUs) : Infinity;
    },
    expire(atUs) {
      while (verdict === undefined && !ending && this.dueUs < atUs) {
        const dueUs = this.dueUs;
        // A protocol's own deadline explains more than its phase's, and a phase's more than the story's.
        if (machines.dueUs === dueUs) machines.expire(dueUs + 1).forEach(take);
        else if (boot.dueUs === dueUs) boot.expire().forEach(take);
        else
          ending = {
            how: 'timeout',
            atUs: timeoutUs,
            reason: `the boot was not over after ${plan?.timeoutMs ?? 0} ms`,
          };
      }
    },
    conclude(atUs) {
      if (closed || ending || verdict !== undefined || !openEnd) return;
      const atEnd = { atUs, steps: drafts, boot };
      for (const step of provenByClient(atEnd, machines.waiting())) takeUnlessSettled(step);
      for (const proven of [provenNothingLoaded, provenUnconfigured]) proven(atEnd).forEach(takeUnlessSettled);
      waitsAtEnd = machines
        .waiting()
        .map(({ kind, waitsFor, ladder, context }): OpenWait => ({ kind, waitsFor, ladder, context }));
    },
    end: (end) => void (ending ??= end),
    close: (atUs) => close(ending ?? { how: 'capture-ended', atUs, reason: '' }),
    get overAtUs() {
      return ending?.atUs;
    },
    get verdict() {
      return verdict ?? (closed ? finalVerdict() : undefined);
    },
    get settled() {
      return verdict !== undefined || ending !== undefined;
    },
    result() {
      const final = verdict ?? finalVerdict();
      const why =
        final === 'failed' && failure
          ? `${failure.step}: ${failure.why ?? failure.actual ?? ''}`
          : final === 'inconclusive'
            ? (doubt ?? open)
            : undefined;
      const mismatch = final === 'failed' ? mismatchText(expectFailure, failure) : undefined;
      const phaseSpans = phasesOf(drafts, startUs, ports);
      const phases = Object.fromEntries(phaseSpans.map(({ phase, durationMs }) => [phase, durationMs]));
      return {
        name: client.name,
        mac: client.mac,
        ...defined({ ip }),
        firmware: client.firmware,
        nic: client.nic,
        ...(boots ? {} : { booting: false }),
        verdict: final,
        ...defined({ why }),
        ...(mismatch === undefined ? {} : { findings: [mismatch] }),
        ...(client.story?.expectFailure ? { expectedFailure: client.story.expectFailure } : {}),
        steps: steps.map((step) => withDuration(step, phases)),
        phases,
        phaseSpans,
        transfers: transfers.flatMap((transfer) => listedTransfer(transfer, startUs) ?? []),
      };
    },
  };
}

/** Why nobody can say how a boot ended; `open` is what a sentence says after “the capture ends”. */
function openText(open: string, ...more: readonly string[]): string;
function openText(open: string | undefined, ...more: readonly string[]): string | undefined;
function openText(open: string | undefined, ...more: readonly string[]): string | undefined {
  return open === undefined
    ? undefined
    : `${[`the capture ends ${open}`, ...more].join(', ')}: capture until the client gives up, or until its system runs`;
}

/** Whether the client is gone after it looked for a file in vain, or asked a boot server. */
function hasGivenUp({ kind, state }: Pick<MachineRun, 'kind' | 'state'>, end: Ending): boolean {
  return state === 'searching' || (end.how === 'vm-ended' && kind === 'proxydhcp' && state === 'requesting');
}

/** The step with a more precise cause, where the story before it shows one. */
function sharpened(draft: StepDraft, cause: CauseName | undefined): StepDraft {
  return cause === undefined ? draft : { ...draft, cause };
}

function explained(
  draft: StepDraft,
  unexpected: boolean,
  next: Expectation | undefined,
  { users, isPlayed }: { readonly users: readonly string[] | undefined; readonly isPlayed: boolean },
): StepDraft {
  if (unexpected)
    return {
      ...draft,
      verdict: 'failed',
      expected: next ? `only ${showExpectation(next)}` : 'nothing more',
      actual: `${draft.step} happened`,
      cause: 'unexpected-step',
      why: whyOf('unexpected-step') ?? '',
    };
  // NT answers LOGON_FAILURE both to a wrong name and to a wrong password; the plan knows the names. Kerberos has an
  // error for each.
  const user = String(draft.detail['user'] ?? '');
  const isRefusal =
    draft.cause === 'rpc-access-denied' || (draft.cause === 'wrong-password' && draft.machine !== 'kerberos');
  const cause = isRefusal && users && user !== '' && !users.includes(bareUser(user)) ? 'unknown-user' : draft.cause;
  const why = draft.why ?? whyOf(cause, isPlayed);
  return { ...draft, ...defined({ cause, why }) };
}

function lastSeen(drafts: readonly StepDraft[], startUs: number): Sighting {
  const last = drafts.at(-1);
  return last ? { frame: last.frames.at(-1) ?? 0, atUs: last.endUs } : { frame: 0, atUs: startUs };
}

function pathOf(context: object): string | undefined {
  return 'path' in context && typeof context.path === 'string' ? context.path : undefined;
}

/** What it means when nobody listens on a port, as the protocol whose servers listen there declares it. */
function unreachable(port: number, ports: ExtraPorts): Unreachable {
  const protocol = ROOMS.find((one) => one.unreachable && portsOf(one, ports).includes(port));
  const harmless = protocol?.tcp?.beside?.[port];
  return harmless === undefined ? defined({ cause: protocol?.unreachable }) : { harmless };
}
