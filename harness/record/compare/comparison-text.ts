import { frameList, plural, printable } from '../../../reports/text.ts';
import { isEqual, type BootComparison, type ComparedStep } from './compare-boots.ts';
import type { Entry } from './sequence.ts';

/** Names of the two boots, for people. */
export interface BootNames {
  readonly base: string;
  readonly next: string;
}

/** A comparison of two boots for people: every step with its frames in both, then the first difference, in words. */
export function comparisonText(comparison: BootComparison, names: BootNames): string[] {
  const { steps, moved, same, first, sharpened, unread } = comparison;
  const width = Math.max(0, ...steps.map(({ step }) => step.length));
  const common = steps.filter((step) => step.base !== undefined && isEqual(step) && !step.beyond).length;
  const beyond = (side: 'base' | 'next'): number =>
    steps.filter((step) => step.beyond && step[side] !== undefined).length;
  const begin = steps.findIndex(({ base }) => base !== undefined);
  const before = steps.slice(0, Math.max(0, begin)).filter((step) => step.beyond).length;
  return [
    `  − ${names.base}`,
    `  + ${names.next}`,
    '',
    ...steps.flatMap((step) => stepLines(step, width)),
    '',
    ...moved.map(({ base, next }) => `  ${base} is ${next} in ${names.next}`),
    ...(sharpened === undefined
      ? []
      : [
          `  ${sharpened.base} is ${sharpened.next} in ${names.next}: the judge of ${names[sharpened.exact]} knows the accounts`,
        ]),
    ...(unread === undefined
      ? []
      : [`  sealed calls are left out: the judge of ${names[unread]} did not know the password`]),
    ...(beyond('base') === 0
      ? []
      : [
          `  ${names.next} is over before ${plural(beyond('base'), 'further step')} of ${names.base}: its scenario wants no more`,
        ]),
    ...(before === 0 ? [] : [`  ${names.base} begins after ${plural(before, 'step')} of ${names.next}`]),
    ...(beyond('next') === before
      ? []
      : [`  ${names.base} ends before ${plural(beyond('next') - before, 'further step')} of ${names.next}`]),
    same || first === undefined
      ? `  ✓ the same ${plural(common, 'step')}`
      : `  ✗ the same ${plural(common, 'step')}, and then: ${differenceText(first, names)}`,
  ];
}

function stepLines(compared: ComparedStep, width: number): string[] {
  const { base, next, step } = compared;
  const line = (mark: string, entry: Entry, frames: string): string =>
    `  ${mark} ${entry.failed ? '✗' : '✓'} ${step.padEnd(width)}  ${detailText(entry)}  ${frames}`.trimEnd();
  if (base !== undefined && next !== undefined) {
    const frames = [frameList(base.frames), frameList(next.frames)].map((one) => (one === '' ? '–' : one)).join(' · ');
    return isEqual(compared)
      ? [line('=', base, frames)]
      : [line('−', base, frameList(base.frames)), line('+', next, frameList(next.frames))];
  }
  const mark = compared.beyond ? '·' : base === undefined ? '+' : '−';
  const one = base ?? next;
  return one === undefined ? [] : [line(mark, one, frameList(one.frames))];
}

/** The first difference in one sentence. */
function differenceText({ step, base, next, differs }: ComparedStep, names: BootNames): string {
  const at = (entry: Entry): string => (entry.frames.length === 0 ? '' : ` (${frameList(entry.frames)})`);
  if (base !== undefined && next !== undefined) {
    const values = differs.map((key) => `${key} ${valueOf(base, key)} and ${valueOf(next, key)}`).join(', ');
    return `${step} has ${values}${at(base)}${at(next)}`;
  }
  const entry = base ?? next;
  if (entry === undefined) return step;
  const what = entry.failed ? `fails with ${String(entry.details.get('cause') ?? 'no known cause')}` : 'happens';
  return `${step} ${what} in ${base === undefined ? names.next : names.base} alone${at(entry)}: ${detailText(entry)}`;
}

const valueOf = ({ details, addresses }: Entry, key: string): string =>
  printable(String(details.get(key) ?? addresses.get(key) ?? '') || 'nothing');

function detailText({ details, addresses }: Entry): string {
  return [...details, ...addresses]
    .filter(([, value]) => value !== '')
    .map(([key, value]) => printable(`${key} ${String(value)}`, MOST_OF_DETAIL))
    .join('  ');
}
const MOST_OF_DETAIL = 120;
