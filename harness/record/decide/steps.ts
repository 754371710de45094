import type { Step } from '../../../reports/result.ts';
import { byteCount, printable } from '../../../reports/text.ts';
import { isProbeName } from '../../protocols/base/judge/path-names.ts';
import type { FileService } from '../../scenario/defaults.ts';
import { seen, type Commented, type CommentedMap } from '../commented.ts';
import { tellingDetails } from '../telling-details.ts';
import type { LabNetwork } from './lab-network.ts';

/** The story that a lab can repeat. */
export interface Story {
  readonly steps: readonly Commented[];
  /** The failure that ends it. */
  readonly failure: Step | undefined;
  /** Why it ends before the capture's does. */
  readonly endsAt?: Step;
}

/** Details that are addresses of servers and clients. */
const ADDRESSES: ReadonlySet<string> = new Set(['yiaddr', 'server', 'requested', 'referralServer']);

/** What is known of the contents that a client loads. */
export interface Contents {
  /** The lab has the file's content, and not only a placeholder. */
  readonly isReal: (protocol: FileService, path: string) => boolean;
  /** The capture has no answer of that service: a file has come when it was asked for. */
  readonly isHidden: (protocol: FileService) => boolean;
}

/**
 * The telling steps up to the first failure, in the scenario's words. Where the lab has only a placeholder of a file, the
 * client cannot go on as it did.
 */
export function storyOf(all: readonly Step[], network: LabNetwork, contents: Contents): Story {
  const failed = all.findIndex(({ verdict }) => verdict === 'failed');
  const before = all.slice(0, failed < 0 ? all.length : failed);
  const end = before.findIndex((step) => loadsPlaceholder(step, contents));
  const told = before.slice(0, end < 0 ? before.length : end + 1).filter((step) => tells(step) && !isTry(step));
  const steps = told.flatMap((step, index) => (isRepeat(told, index) ? [] : [expectation(step, network)]));
  const endsAt = end < 0 ? undefined : before[end];
  const goesOn = endsAt !== undefined && all.slice(end + 1).some((step) => step.verdict === 'failed' || tells(step));
  return {
    steps,
    failure: endsAt === undefined && failed >= 0 ? all[failed] : undefined,
    ...(goesOn ? { endsAt } : {}),
  };
}

const tells = (step: Step): boolean =>
  step.verdict === 'passed' && tellingDetails(step) !== undefined && !isResend(step);

/** A file that a boot program only tries need not be there; a scenario that names it says that it is. */
const isTry = ({ step, detail }: Step): boolean =>
  step === 'tftp.read-request' && isProbeName(String(detail?.['path'] ?? ''));

/** A client repeats its DISCOVER as long as it likes. */
const isResend = ({ step, detail }: Step): boolean => step === 'dhcp.discover' && Number(detail?.['attempt'] ?? 1) > 1;

function loadsPlaceholder({ step, verdict, detail }: Step, { isReal, isHidden }: Contents): boolean {
  const [protocol, what] = step.split('.') as [FileService, string];
  const path = String(detail?.['path'] ?? '');
  if (verdict !== 'passed' || isReal(protocol, path)) return false;
  return (
    step === 'tftp.transfer' ||
    step === 'http.get' ||
    (what === 'read-request' && isHidden(protocol) && !isProbeName(path))
  );
}

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
  if (ADDRESSES.has(key)) return network.at(value);
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
