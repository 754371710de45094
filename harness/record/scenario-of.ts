import type { ClientResult, Step } from '../../reports/result.ts';
import { printable } from '../../reports/text.ts';
import type { CauseName, StepName } from '../protocols/words.ts';
import type { FileService } from '../scenario/defaults.ts';
import { framesText, seen, type CommentedMap } from './commented.ts';
import { clientOf, isPlayed } from './decide/client.ts';
import type { Decision } from './decide/decision.ts';
import { devicesOf } from './decide/devices.ts';
import { dhcpService, vainMs } from './decide/dhcp.ts';
import { earlierClients, orderOf } from './decide/earlier-clients.ts';
import { fileService, type FileServiceDecision, type Sources, type WrittenFile } from './decide/file-services.ts';
import { ipv6Services } from './decide/ipv6.ts';
import { LabNetwork } from './decide/lab-network.ts';
import { misbehavioursOf } from './decide/misbehaviours.ts';
import { pxeServices } from './decide/pxe.ts';
import { machineReach, romReach, wdsnbpReach } from './decide/reach.ts';
import { startsOf } from './decide/starts.ts';
import { stepText, storyOf } from './decide/steps.ts';
import { storeOf, unreachedStore, type StoreDecision } from './decide/store.ts';
import type { CaptureFacts } from './facts/capture-facts.ts';

/** What a capture shows of one client. */
export interface Recorded {
  /** Name of the capture file, for people. */
  readonly capture: string;
  readonly client: ClientResult;
  /** Of the frames up to the first failure. */
  readonly facts: CaptureFacts;
  /** Hosts that refused a UDP port by ICMP. */
  readonly refusedPorts: ReadonlySet<string>;
  /** From the first frame to the last. */
  readonly durationMs: number;
}

/** A scenario, the files that it needs, and what it leaves open. */
export interface RecordedScenario {
  readonly scenario: CommentedMap;
  readonly files: readonly WrittenFile[];
  readonly share: StoreDecision['written'];
  /** Services whose root is a folder beside the scenario. */
  readonly roots: readonly FileService[];
  /** What the capture does not show and a person may fill in, in sentences. */
  readonly open: readonly string[];
}

const NAME = 'pc';
/** What a scenario has by default (scenario/defaults.ts), and what a boot of this length may need in a slow lab. */
const USUAL_TIMEOUT_MS = 300_000;
const SLOWER = 2;
/** What a client waits for an OFFER by default (harness/docs/steps.md). */
const USUAL_DHCP_MS = 60_000;

/** The scenario that tells what a capture shows. Pure. */
export function scenarioOf(recorded: Recorded, sources: Sources): RecordedScenario {
  const { facts, client, refusedPorts, durationMs } = recorded;
  const open: string[] = [];
  const network = new LabNetwork(facts);
  const failed = client.steps.find(({ verdict }) => verdict === 'failed');
  const decision: Decision = {
    name: NAME,
    facts,
    network,
    failure: failed,
    misbehaviours: misbehavioursOf(failed, facts, refusedPorts),
    open: (note) => open.push(note),
  };
  const tftp = fileService('tftp', decision, sources);
  const http = fileService('http', decision, sources);
  const serviceOf = (protocol: FileService): FileServiceDecision | undefined => ({ tftp, http })[protocol];
  const isReal = (protocol: FileService, path: string): boolean => serviceOf(protocol)?.isReal(path) ?? false;
  const isHidden = (protocol: FileService): boolean => serviceOf(protocol)?.hidden ?? false;
  const goesOn = facts.files.files.some(({ protocol, path, whole }) => whole !== undefined && isReal(protocol, path));
  const played = isPlayed(decision, goesOn);
  const negotiates = facts.dhcp.questions.some(({ wds }) => wds);
  const reach = !played
    ? machineReach({ isReal, isHidden, hasSystem: tftp !== undefined || http !== undefined })
    : negotiates
      ? wdsnbpReach()
      : romReach();
  const { steps, failure, end } = storyOf(client.steps, network, reach);
  if (end !== undefined)
    open.push(
      `steps: they end ${end.before ? 'before' : 'with'} ${stepText(end.at)} (${framesText(end.at.frames)}): ${end.why}`,
    );
  if (failed === undefined && end === undefined && client.verdict !== 'passed')
    open.push(`expect-failure: ${client.why ?? 'the capture does not show how the boot ends'}`);
  // What the client does not come to, it needs no service for.
  const store =
    tftp?.bootsMute === true
      ? unreachedStore()
      : storeOf(decision, sources, !played ? 'machine' : negotiates ? 'wdsnbp' : 'rom', end !== undefined);
  const services: CommentedMap = {
    dhcp: dhcpService(decision),
    ...pxeServices(decision),
    ...ipv6Services(decision),
    tftp: tftp?.keys,
    http: http?.keys,
    authentication: store.authentication,
    images: store.images,
    control: store.control,
    devices: devicesOf(decision, {
      hasAnswerFiles: store.images !== undefined && store.control !== undefined,
      bootsAgent: store.agent !== undefined && sources.ofLab,
    }),
  };
  const bootsAgent = tftp?.bootsAgent === true || http?.bootsAgent === true;
  const told = clientOf(decision, client.mac, {
    goesOn,
    agent: bootsAgent ? store.agent : undefined,
    deploysAs: store.deploysAs,
    disk: store.disk,
  });
  const before = bootsAgent ? (store.earlier ?? {}) : {};
  const starts = startsOf(failure === undefined ? client.steps : [], decision);
  const pc = { ...told, ...starts.keys, ...orderOf(before) };
  const earlier = earlierClients(before, told, facts.share.accounts[0]?.user ?? '');
  return {
    scenario: {
      name: nameOf(recorded, failure),
      ...networkKeys(network),
      services,
      clients: [...earlier, pc],
      steps,
      ...(failure === undefined ? {} : { 'expect-failure': failureKeys(failure, decision) }),
      ...timeKeys(durationMs, vainMs(facts), earlier.length),
      after: starts.after,
    },
    files: [...(tftp?.written ?? []), ...(http?.written ?? [])],
    share: store.written,
    roots: [...(tftp?.ownRoot === true ? ['tftp' as const] : []), ...(http?.ownRoot === true ? ['http' as const] : [])],
    open,
  };
}

function networkKeys({ subnet, ipv6 }: LabNetwork): CommentedMap {
  return subnet === undefined && ipv6 === undefined ? {} : { network: { subnet, ipv6 } };
}

/** Times that the usual ones are too short for. A client that asks in vain may do so again, and then to the end. */
function timeKeys(durationMs: number, vain: ReturnType<typeof vainMs>, earlierClients: number): CommentedMap {
  const budgetMs = vain && vain.ms > USUAL_DHCP_MS / SLOWER ? vain.ms * SLOWER : 0;
  const timeoutMs = durationMs * SLOWER + budgetMs + earlierClients * USUAL_TIMEOUT_MS;
  return {
    ...(vain && budgetMs > 0
      ? {
          budgets: { dhcp: seen(minutes(budgetMs), vain.frames, 'the client asks in vain before it goes another way') },
        }
      : {}),
    ...(timeoutMs > USUAL_TIMEOUT_MS ? { timeout: minutes(timeoutMs) } : {}),
  };
}

const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)}m`;

function nameOf({ capture }: Recorded, failure: Step | undefined): string {
  const name = printable(capture, MOST_OF_NAME);
  return `Recorded from ${name}${failure === undefined ? '' : `: ${failure.cause ?? failure.step}`}`;
}
const MOST_OF_NAME = 120;

/** What RPC answers whether the password was wrong or the user may not; the lab's client has a wrong one (store.ts). */
const DENIED_STEP: StepName = 'rpc.fault';
const DENIED: CauseName = 'rpc-access-denied';
const WRONG_PASSWORD: CauseName = 'wrong-password';

function failureKeys({ step, cause, frames }: Step, { facts: { share }, open }: Decision): ReturnType<typeof seen> {
  if (step !== DENIED_STEP || cause !== DENIED || share.accounts.length === 0)
    return seen({ step, ...(cause === undefined ? {} : { cause }) }, frames);
  open(
    `expect-failure: access was denied after the logon (${framesText(frames)}): no capture shows whether by a wrong password or for want of a permission; the scenario has a wrong password`,
  );
  return seen({ step, cause: WRONG_PASSWORD }, frames, `${cause} there; a lab knows that the password is wrong`);
}
