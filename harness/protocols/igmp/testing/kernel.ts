import type { Step } from '../../../../reports/result.ts';
import { openCaptureFile } from '../../../tcpdump-wrapper/src/index.ts';
import type { Frame } from '../../../packet/frame.ts';
import { createJudge } from '../../../verdict/judge.ts';

/** The host whose kernel speaks in `kernel_groups.py`. */
const KERNEL = { name: 'pc', mac: '52:54:00:12:34:56', firmware: 'bios', nic: 'e1000' };
/** Longer than any query of it allows. */
const SILENCE_US = 31_000_000;

/** The steps about groups in a capture of `kernel_groups.py`. */
export async function stepsOfKernel(captureFile: string): Promise<Step[]> {
  const source = await openCaptureFile(captureFile, { keepFrames: true });
  const frames: Frame[] = [];
  for await (const batch of source.batches()) frames.push(...batch);
  const judge = createJudge({ linkType: source.linkType, clients: [KERNEL], startUs: frames[0]?.atUs ?? 0 });
  judge.frames(frames);
  judge.advance((frames.at(-1)?.atUs ?? 0) + SILENCE_US);
  return judge.finish()[0]?.steps.filter(({ step }) => step.startsWith('igmp.')) ?? [];
}

/** What passes in every such capture: step, version, and group with whom the kernel hears there, or whom a query asks. */
export const passedByKernel = (steps: readonly Step[]): string[] =>
  steps.flatMap(({ step, verdict, detail = {} }) => {
    if (verdict !== 'passed') return [];
    const { version, group = 'all groups', hears, asks, sources } = detail;
    const about = step === 'igmp.query' ? [sources ? `${group} from ${sources}` : group, '>', asks] : [group, hears];
    return [[step, version, ...about].filter((part) => part !== undefined).join(' ')];
  });

/** All of it, in order. */
export const KERNEL_PASSES = [
  'igmp.join 3 239.1.2.3 all',
  'igmp.query 3 all groups > 239.1.2.3',
  'igmp.report 3 239.1.2.3 all',
  'igmp.query 3 239.1.2.3 > 239.1.2.3',
  'igmp.report 3 239.1.2.3 all',
  'igmp.report 3 239.1.2.3 all but 10.9.0.8',
  'igmp.query 3 239.1.2.3 from 10.9.0.8, 10.9.0.9 > 239.1.2.3',
  'igmp.report 3 239.1.2.3 all but 10.9.0.8',
  'igmp.report 3 239.1.2.3 all',
  'igmp.join 3 232.9.9.9 10.9.0.8',
  'igmp.report 3 232.9.9.9 10.9.0.8, 10.9.0.9',
  'igmp.query 3 232.9.9.9 > 232.9.9.9',
  'igmp.report 3 232.9.9.9 10.9.0.8, 10.9.0.9',
  'igmp.query 3 232.9.9.9 from 10.9.0.9 > 232.9.9.9',
  'igmp.report 3 232.9.9.9 10.9.0.8, 10.9.0.9',
  'igmp.report 3 232.9.9.9 10.9.0.9',
  'igmp.leave 3 232.9.9.9 none',
  'igmp.leave 3 239.1.2.3 none',
  'igmp.join 2 239.1.2.3',
  'igmp.query 2 all groups > 239.1.2.3',
  'igmp.report 2 239.1.2.3',
  'igmp.query 2 239.1.2.3 > 239.1.2.3',
  'igmp.report 2 239.1.2.3',
  'igmp.leave 2 239.1.2.3',
  'igmp.join 1 239.1.2.3',
  'igmp.query 1 all groups > 239.1.2.3',
  'igmp.report 1 239.1.2.3',
];
