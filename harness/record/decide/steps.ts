import type { Step } from '../../../reports/result.ts';
import { byteCount, printable } from '../../../reports/text.ts';
import { parseIpv6 } from '../../scenario/schema/ipv6.ts';
import { seen, type Commented, type CommentedMap } from '../commented.ts';
import { isResend, tellingDetails } from '../telling-details.ts';
import { NOT_FOUND } from './file-tree.ts';
import type { LabNetwork } from './lab-network.ts';
import type { Reach } from './reach.ts';

/** The story that a lab can repeat. */
export interface Story {
  readonly steps: readonly Commented[];
  /** The failure that ends it. */
  readonly failure: Step | undefined;
  /** What ends it before the capture's own end. */
  readonly end?: { readonly at: Step; readonly before: boolean; readonly why: string };
}

/** Details that are addresses of servers and clients. */
const ADDRESSES: ReadonlySet<string> = new Set(['yiaddr', 'server', 'requested', 'referralServer']);

/** The telling steps up to the first failure, or as far as the lab's client gets, in the scenario's words. */
export function storyOf(all: readonly Step[], network: LabNetwork, reach: Reach): Story {
  const failed = all.findIndex(({ verdict }) => verdict === 'failed');
  const upTo = all.slice(0, failed < 0 ? all.length : failed + 1);
  const { reached, end } = reachOf(upTo, reach);
  const told = reached.filter((step, index) => tells(step) && !isMissed(step, reached.slice(index + 1)));
  return {
    steps: told.flatMap((step, index) => (isRepeat(told, index) ? [] : [expectation(step, network)])),
    failure: reached.find(({ verdict }) => verdict === 'failed'),
    ...(end === undefined ? {} : { end }),
  };
}

function reachOf(steps: readonly Step[], reach: Reach): { reached: readonly Step[]; end?: Story['end'] } {
  for (const [index, step] of steps.entries()) {
    const rest = steps.slice(index + 1).some((later) => later.verdict === 'failed' || tells(later));
    const before = tells(step) || step.verdict === 'failed' ? (overIpv6(step) ?? reach.endsBefore(step)) : undefined;
    if (before !== undefined) return { reached: steps.slice(0, index), end: { at: step, before: true, why: before } };
    const after = reach.endsWith(step);
    if (after !== undefined)
      return { reached: steps.slice(0, index + 1), ...(rest ? { end: { at: step, before: false, why: after } } : {}) };
  }
  return { reached: steps };
}

/** Rooms whose services a lab has over IPv6 as well. */
const OVER_IPV6: ReadonlySet<string> = new Set(['dhcpv6', 'ndp', 'tftp', 'http', 'icmp']);

function overIpv6({ step, detail }: Step): string | undefined {
  const server = detail?.['server'];
  return typeof server === 'string' && parseIpv6(server) !== undefined && !OVER_IPV6.has(step.split('.')[0] ?? '')
    ? `${server} serves it over IPv6, by which a lab has boot files alone`
    : undefined;
}

const tells = (step: Step): boolean =>
  step.verdict === 'passed' && tellingDetails(step) !== undefined && !isResend(step);

/** A name that the server lacks and the client goes on without: a scenario expects no file that is not there. */
const isMissed = (asked: Step, later: readonly Step[]): boolean =>
  asked.step === 'tftp.read-request' &&
  later.some(
    ({ step, verdict, detail }) =>
      step === 'tftp.error' &&
      verdict !== 'failed' &&
      detail?.['path'] === asked.detail?.['path'] &&
      NOT_FOUND.has(Number(detail?.['code'])),
  );

/** The same step with the same details as the telling one before it: how often is a matter of time. */
function isRepeat(steps: readonly Step[], index: number): boolean {
  const [before, step] = [steps[index - 1], steps[index]];
  return before !== undefined && step !== undefined && keyOf(before) === keyOf(step);
}

const keyOf = (step: Step): string => JSON.stringify([step.step, tellingDetails(step)]);

function expectation(step: Step, network: LabNetwork): Commented {
  const details: CommentedMap = Object.fromEntries(
    (tellingDetails(step) ?? []).map(([key, value]) => [key, inLab(key, value, network)]),
  );
  return Object.keys(details).length === 0 ? seen(step.step, step.frames) : { [step.step]: seen(details, step.frames) };
}

function inLab(key: string, value: string | number | boolean, network: LabNetwork): string | number | boolean {
  if (typeof value !== 'string' || value === '') return value;
  if (ADDRESSES.has(key)) return network.address(value);
  return key === 'bootfile' ? network.url(value) : value;
}

/** A step in a few words: `tftp.transfer of undionly.kpxe, 108.8 kB`. */
export function stepText({ step, detail = {} }: Step): string {
  const { path, bytes } = detail;
  return [
    step,
    ...(typeof path === 'string' ? [`of ${printable(path)}`] : []),
    ...(typeof bytes === 'number' ? [`(${byteCount(bytes)})`] : []),
  ].join(' ');
}
