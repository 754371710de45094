import { defined } from '../../../servers/service/defined.ts';
import type { CauseName } from '../../protocols/words.ts';
import { roomOfEvent, roomOfStep, ROOMS } from '../../protocols/rooms.ts';
import { portsOf, type ExtraPorts } from '../../protocols/ports.ts';
import type { ClientResult, Step, Verdict } from '../../../reports/result.ts';
import { bootMachine } from '../boot/boot-machine.ts';
import { type BootEvent, toBootEvent } from '../boot/boot-events.ts';
import type { BootContext } from '../boot/boot-progress.ts';
import type { Unreachable } from '../../protocols/base/judge/boot-facts.ts';
import type { MeteredTransfer } from '../../protocols/base/observe/metered-transfer.ts';
import type { ProtocolEvent } from '../../protocols/events.ts';
import type { Expectation, StoryPlan } from '../../plan/plan.ts';
import { bootServiceCause, createServiceHistory, option250Of } from '../diagnosis/boot-service-facts.ts';
import { whyOf } from '../diagnosis/causes.ts';
import { createClientMachines } from '../machines/client-machines.ts';
import { type Ending, showExpectation } from '../diagnosis/diagnosis.ts';
import { findingsOf, mismatchText, toStep, withDuration } from '../end/story-steps.ts';
import { networkPassedOver, watchBootDevice } from '../boot/boot-device.ts';
import { watchReinstalls } from '../boot/reinstalls.ts';
import { watchRepeatedLoads } from '../boot/repeated-loads.ts';
import { goneAnotherWay, leftForAnotherWay } from '../boot/other-ways.ts';
import { blamedOnMemory } from '../diagnosis/too-little-memory.ts';
import { blamedOnAddress } from '../diagnosis/unanswered-address.ts';
import { blamedOnClient } from '../diagnosis/vanished-client.ts';
import { isPassedBy } from '../expectations/unmeetable.ts';
import { provenByClient, provenNothingLoaded, provenUnconfigured } from '../end/capture-end.ts';
import { isSignOfBoot } from '../boot/booting.ts';
import type { OpenWait } from '../end/retries.ts';
import { type CaptureDoubts, doubted, FOR_GOOD, type OpenDoubt } from '../diagnosis/doubts.ts';
import { createExpectations } from '../expectations/expectations.ts';
import type { JudgedClient, JudgeOptions } from '../judge-types.ts';
import { runMachine } from '../machines/machine-run.ts';
import type { Standstills } from '../machines/standstills.ts';
import { ProfileWatch } from '../../profiles/profile-watch.ts';
import { withProfiles } from '../../profiles/profiles.ts';
import type { HeardProgram } from '../../profiles/speaker.ts';
import { phasesOf } from '../boot/phases.ts';
import { closeStory, GOAL, missUnmet, type Story } from '../end/story-end.ts';
import {
  bareUser,
  configuredPorts,
  expectedPaths,
  expectsGuest,
  knownUsers,
  pathsExpectedAgain,
  servedRoot,
} from '../expectations/plan-facts.ts';
import { listedTransfer, watchTransfers } from '../accounting/transfers.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { expectLate } from '../steps-since.ts';

/** One client's story: its machines, its boot, what the scenario expects of it, and which expectations were met. */
export interface ClientJudge {
  accept(event: ProtocolEvent): void;
  /** Earliest deadline, capture time. */
  readonly dueUs: number;
  /** The host stood still: what is waited for may come later. */
  rewait(): void;
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

const BARE_GOAL: Expectation = { step: GOAL, with: {}, source: '' };

/** Begins a client's story at `startUs`. */
export function createClientJudge(
  client: JudgedClient,
  startUs: number,
  options: Pick<JudgeOptions, 'plan' | 'onStep' | 'openEnd' | 'profiles'> & {
    readonly doubts?: CaptureDoubts | undefined;
    readonly standstills: Standstills;
  },
): ClientJudge {
  const { plan, standstills } = options;
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
  const repeated = watchRepeatedLoads();
  const reinstalls = watchReinstalls();
  const device = watchBootDevice(client);
  const passedOver = networkPassedOver(client);
  let ip: string | undefined;
  let architecture: number | undefined;
  let failure: StepDraft | undefined;
  let verdict: Verdict | undefined;
  let ending: Ending | undefined;
  let closed = false;
  let open: string | undefined;
  /** What may be the capture's own failure, and stays open until the client has gone on: the last of each kind. */
  const doubts = new Map<string, OpenDoubt>();
  let boots = false;
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
      expectedAgain: pathsExpectedAgain(listed),
      passedOver,
      servedRoot: plan && servedRoot(plan),
    },
    budgets,
    { standstills },
  );
  const profiles = new ProfileWatch(withProfiles(options.profiles ?? []));
  const ports = configuredPorts(plan?.services ?? []);
  const expected = expectedPaths(listed);
  const machines = createClientMachines(
    {
      option250: option250Of(plan?.services),
      planned: plan !== undefined,
      architecture: () => architecture,
      loading: () => {
        const { targets, told } = boot.context as BootContext;
        return { targets, told, expectedPaths: expected };
      },
      unreachable: (port) => unreachable(port, ports, new Set(machines.waiting().map(({ kind }) => kind))),
      listens: (room, port) => ROOMS.some((one) => one.name === room && portsOf(one, ports).includes(port)),
    },
    budgets,
    profiles,
    standstills,
  );
  const timeOf = (): number => (plan ? standstills.dueAfter(startUs, plan.timeoutMs * 1000) : Infinity);
  let timeoutUs = timeOf();

  // What the scenario wants of a later start comes after all that the first one did.
  const startsAgain = plan?.after?.nextStart === 'network';

  const take = (draft: StepDraft): void => {
    const believed = believe(draft);
    const sharper = blamedOnClient(
      blamedOnAddress(sharpened(believed, bootServiceCause(believed, services, allServices)), drafts),
      drafts,
    );
    const named = explained(
      blamedOnMemory(sharper, client, drafts),
      expectations.accept(believed) === 'unexpected',
      expectations.next,
      { users, isPlayed: client.plays !== undefined },
    );
    const step = plan && expectFailure?.step !== named.step ? leftForAnotherWay(named, drafts) : named;
    drafts.push(step);
    services.note(step);
    repeated.note(step);
    boots ||= isSignOfBoot(step);
    const shown = toStep(step, startUs);
    steps.push(shown);
    const learnt = roomOfStep(step.step)?.boot?.learns?.(step);
    architecture ??= learnt?.architecture;
    ip = learnt?.ip ?? ip;
    if (step.verdict === 'failed' && verdict === undefined) fail(step);
    options.onStep?.(client.mac, shown);
    if (step.machine !== 'boot') tell(toBootEvent(step, ports));
    for (const shows of [device.note(step), reinstalls.note(step)]) if (shows) take(shows);
    if (verdict !== undefined || !plan || expectFailure) return;
    reachGoal(step);
    if (!startsAgain && isPassedBy(expectations.unmet(), step))
      missUnmet(
        story,
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
    if (options.doubts && draft.step === 'tcp.lost') expectLate(drafts);
    const { step, open: unknown } = doubted(draft, drafts, options.doubts);
    if (unknown && !(unknown.kind === FOR_GOOD && doubts.has(FOR_GOOD))) doubts.set(unknown.kind, unknown);
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
  const whyOpen = (): string | undefined => [...doubts.values()].find((doubt) => doubt.isOpen(drafts))?.text ?? open;
  const finalVerdict = (): Verdict => (failure ? 'failed' : whyOpen() === undefined ? 'passed' : 'inconclusive');
  const story: Story = {
    startUs,
    isPlanned: plan !== undefined,
    expectFailure,
    openEnd,
    expectations,
    machines,
    boot,
    drafts,
    passedOver,
    get boots() {
      return boots;
    },
    get verdict() {
      return verdict;
    },
    get waitsAtEnd() {
      return waitsAtEnd;
    },
    take,
    skip: (step) => void steps.push(step),
    tell,
  };
  const close = (end: Ending): void => {
    if (closed) return;
    closed = true;
    open = closeStory(story, end);
    if (!plan) judgeOtherWays();
    repeated.steps().forEach(take);
  };
  /** Takes back what failed about one way to boot, where the client went another. */
  const judgeOtherWays = (): void => {
    const replaced = goneAnotherWay(drafts);
    for (const [index, draft] of replaced) {
      drafts[index] = draft;
      steps[index] = toStep(draft, startUs);
    }
    if (replaced.length > 0) failure = drafts.find((step) => step.verdict === 'failed');
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
    rewait() {
      machines.rewait();
      boot.rewait();
      timeoutUs = timeOf();
    },
    expire(atUs) {
      while (verdict === undefined && !ending && this.dueUs < atUs) {
        const dueUs = this.dueUs;
        // A protocol's own deadline explains more than its phase's, and a phase's more than the story's.
        if (machines.dueUs === dueUs) machines.expire(dueUs + 1).forEach(take);
        else if (boot.dueUs === dueUs) {
          if (boot.budget !== undefined) machines.giveUp(boot.budget, dueUs).forEach(take);
          boot.expire().forEach(take);
        } else
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
        .map(({ kind, waitsFor, ladder, known, context }): OpenWait => ({ kind, waitsFor, ladder, known, context }));
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
            ? whyOpen()
            : undefined;
      const findings = findingsOf(drafts, final === 'failed' ? mismatchText(expectFailure, failure) : undefined);
      const phaseSpans = phasesOf(drafts, startUs, ports);
      const phases = Object.fromEntries(phaseSpans.map(({ phase, durationMs }) => [phase, durationMs]));
      return {
        name: client.name,
        mac: client.mac,
        ...defined({ ip }),
        firmware: client.firmware,
        nic: client.nic,
        ...defined({ transport: client.transport }),
        ...(profiles.programs.length === 0 ? {} : { profiles: profiles.programs.map(programHeard) }),
        ...(boots ? {} : { booting: false }),
        verdict: final,
        ...defined({ why }),
        ...(findings.length === 0 ? {} : { findings }),
        ...(client.story?.expectFailure ? { expectedFailure: client.story.expectFailure } : {}),
        steps: steps.map((step) => withDuration(step, phases)),
        phases,
        phaseSpans,
        transfers: transfers.flatMap((transfer) => listedTransfer(transfer, startUs) ?? []),
      };
    },
  };
}

const programHeard = ({ profile, frame }: HeardProgram): NonNullable<ClientResult['profiles']>[number] => ({
  name: profile?.name ?? 'unknown',
  title: profile?.title ?? 'unknown program',
  frame,
});

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

/**
 * What it means when nobody listens on a port, as the protocol whose servers listen there declares it. `waiting`:
 * machines of the client that wait for something.
 */
function unreachable(port: number, ports: ExtraPorts, waiting: ReadonlySet<string>): Unreachable {
  const protocol = ROOMS.find((one) => one.unreachable && portsOf(one, ports).includes(port));
  // What is spoken with a store over TLS, another room hears.
  const isUnderWay = ROOMS.some(
    (one) =>
      portsOf(one, ports).includes(port) && Object.keys(one.judge?.machines ?? {}).some((kind) => waiting.has(kind)),
  );
  const harmless = protocol?.tcp?.beside?.[port] ?? (isUnderWay ? protocol?.tcp?.retried : undefined);
  return harmless === undefined ? defined({ cause: protocol?.unreachable }) : { harmless };
}
