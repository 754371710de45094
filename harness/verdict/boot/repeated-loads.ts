import { isOptionalConfiguration, isProbeName, samePath } from '../../protocols/base/judge/path-names.ts';
import { stepBuilders } from '../../protocols/base/judge/step-builders.ts';
import type { Sighting, StepDraft } from '../../protocols/base/judge/step.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';
import { isOfBoot } from '../../protocols/dhcpv6/judge/boot-marks.ts';
import { CAUSES, STEPS } from '../../protocols/words.ts';
import { loadedBootFile } from './other-ways.ts';

// A firmware that is iPXE itself asks as iPXE from the first frame on: when a server names the boot program to iPXE, too,
// no frame shows who asks now, the ROM or the program that it loaded (`loadsItself` needs that). What shows is that the
// client loads one file over and over, and never anything else.

const { recorded } = stepBuilders('boot', { steps: STEPS, causes: CAUSES });

/** Without DHCP in the capture, a file that came twice may just have been asked for again. */
const MIN_LOADS = 2;
const MIN_LOADS_WITHOUT_DHCP = 3;
/** Frames that the step names. */
const MAX_FRAMES = 8;

/** What speaks between two loads of a boot program that does nothing else. TCP carries the loads over HTTP. */
const ASIDE = /^(arp|ndp|icmp|igmp|dhcp|proxydhcp|dhcpv6|tcp|boot)\./;

interface Run {
  readonly path: string;
  readonly from: Sighting;
  readonly times: number;
  readonly frames: readonly number[];
  readonly to: Sighting;
  /** An address was asked for before each load but the first. */
  readonly asked: boolean;
}

/** Watches the steps of one client for a boot program that is loaded again and again. */
export interface RepeatedLoads {
  note(step: StepDraft): void;
  /** A recorded step for each file that was loaded so: its longest row. */
  steps(): StepDraft[];
}

/** Nothing was loaded yet. */
export function watchRepeatedLoads(): RepeatedLoads {
  let run: Run | undefined;
  let knowsDhcp = false;
  let asked = false;
  let userClass = '';
  /** A step has failed by it. */
  let isJudged = false;
  const rows = new Map<string, { readonly run: Run; readonly userClass: string }>();

  const count = (path: string, step: StepDraft): void => {
    const at = { frame: step.frames.at(-1) ?? 0, atUs: step.endUs };
    const [first = 0] = step.frames;
    if (run === undefined || !samePath(run.path, path))
      run = { path, from: { frame: first, atUs: step.startUs }, times: 1, frames: [first], to: at, asked };
    // Some firmware reads a file twice in one boot.
    else if (asked || !knowsDhcp)
      run = { ...run, times: run.times + 1, frames: [...run.frames, first].slice(0, MAX_FRAMES), to: at, asked };
    asked = false;
    if (run.times >= (knowsDhcp ? MIN_LOADS : MIN_LOADS_WITHOUT_DHCP) && run.times > (rows.get(path)?.run.times ?? 0))
      rows.set(path, { run, userClass });
  };

  return {
    note(step) {
      isJudged ||= step.verdict === 'failed' && step.cause === 'chain-loading-loop';
      const { path } = step.detail;
      if (
        /^dhcp\.(discover|request)$/.test(step.step) ||
        (/^dhcpv6\.(solicit|request)$/.test(step.step) && isOfBoot(step))
      ) {
        knowsDhcp = true;
        // The system that was booted.
        if (!isFirmwareClass(step.detail['vendorClass'])) run = undefined;
        asked = true;
        userClass = String(step.detail['userClass'] ?? '');
      } else if (loadedBootFile(step)) count(String(path), step);
      else if (isSomethingElse(step, run)) run = undefined;
    },
    steps: () => (isJudged ? [] : [...rows.values()].map((row) => repeatedStep(row.run, row.userClass))),
  };
}

/** Whether the client does more than to load its boot file once more. */
function isSomethingElse({ step, detail, verdict }: StepDraft, run: Run | undefined): boolean {
  if (run === undefined || ASIDE.test(step)) return false;
  if (!/^(tftp|http)\./.test(step)) return true;
  const { path } = detail;
  if (path === undefined || samePath(String(path), run.path)) return false;
  // iPXE looks for a script beside itself each time; that it finds one is another matter.
  const isTransfer = step === 'tftp.transfer' || step === 'http.get';
  const isInVain = isProbeName(String(path)) && !(isTransfer && verdict === 'passed');
  return !(isInVain && isOptionalConfiguration(String(path)));
}

function repeatedStep({ path, from, to, times, frames, asked }: Run, userClass: string): StepDraft {
  const as = userClass === '' ? '' : ` as user class “${userClass}”`;
  const between = asked
    ? `, asked for an address${as} before each further time, and loaded nothing else`
    : ' and nothing else between';
  const meaning = asked ? 'the boot program loads itself' : 'if it is a boot program, it loads itself';
  const whose = userClass === '' ? 'its user class (option 77; iPXE says iPXE)' : `user class “${userClass}”`;
  const where = `${frames.length < times ? 'first in ' : ''}frames ${frames.join(', ')}`;
  return recorded({
    step: 'boot.repeated',
    from,
    at: to,
    frames,
    detail: { path, times, userClass: userClass === '' ? undefined : userClass },
    why: `the client loaded “${path}” ${times} times (${where})${between}: ${meaning}, unless somebody restarted the machine; give it a script, or another boot file for ${whose}`,
    cause: 'chain-loading-loop',
  });
}
