import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WdsValues } from '../../protocols/dhcp/wire/wds.ts';
import { GivenUp } from '../given-up.ts';
import { nextStep, type Progress } from './decision.ts';
import { BOOT_SERVER_PORT } from '../../protocols/dhcp/wire/ports.ts';
import { bootProgramRequest, type Answer } from './messages.ts';
import { exchange, type Rom, type RomResult } from './rom.ts';

const ACK = 5;
/** Version of the boot program that knows approval and prompts (WdsBp.h: 0x0700 and 0x0800). */
const NBP_VERSION = 0x0800;

/** The next program, as the conversation of wdsnbp with its server ends. */
export interface NextProgram {
  readonly path: string;
  readonly server: string;
}

/**
 * Reports the architecture to the server, waits for approval, follows referrals, asks the user
 * (harness/docs/protocols.md 1.6). Throws GivenUp.
 */
export async function converse(rom: Rom, { ip, bootServer }: RomResult): Promise<NextProgram> {
  const { settings, tell } = rom;
  const startedMs = performance.now();
  let server = bootServer;
  let progress: Progress = { pendingAnswers: 0, waitedMs: 0, referrals: 0, promptDone: undefined };
  for (;;) {
    const answer = await ask(rom, ip, server, progress);
    progress = {
      ...progress,
      waitedMs: performance.now() - startedMs,
      pendingAnswers: progress.pendingAnswers + (answer.wds?.nextAction === 1 ? 1 : 0),
    };
    const step = nextStep(answer, progress, settings);
    switch (step.do) {
      case 'poll':
        tell('nbp.pending', { requestId: step.requestId, message: step.message, answers: progress.pendingAnswers });
        await sleep(step.afterMs);
        break;
      case 'answer-prompt':
        tell('nbp.prompt', { prompt: step.prompt, pressed: settings.presses });
        progress = { ...progress, promptDone: step.prompt };
        break;
      case 'ask':
        tell('nbp.referred', { server: step.server });
        server = step.server;
        progress = { ...progress, referrals: progress.referrals + 1 };
        break;
      case 'load':
        tell('nbp.next-program', { path: step.path, bcdPath: answer.bcdPath });
        return { path: step.path, server: step.server };
      case 'end':
        throw new GivenUp(step.why);
    }
  }
}

async function ask(rom: Rom, ip: string, server: string, { promptDone, pendingAnswers }: Progress): Promise<Answer> {
  const values: WdsValues = {
    architecture: rom.sender.architecture,
    nbpVersion: NBP_VERSION,
    ...(pendingAnswers === 0 ? { versionQuery: true } : {}),
    ...(promptDone === undefined ? {} : { pxePromptDone: promptDone }),
  };
  const xid = randomInt(2 ** 32);
  const request = bootProgramRequest(rom.sender, xid, ip, values, rom.settings.byteOrder);
  const answer = await exchange(rom, request, BOOT_SERVER_PORT, server, (one) => one.type === ACK && one.xid === xid);
  if (!answer) throw new GivenUp(`no response from server ${server}`);
  return answer;
}
