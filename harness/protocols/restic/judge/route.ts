import type { Judging } from '../../base/judge/conversations.ts';
import type { ResticEvent } from '../observe/events.ts';
import { resticMachine } from './machine.ts';

/** One conversation for each run of restic. */
export const resticJudging: Judging<ResticEvent, 'restic'> = {
  machines: { restic: { logic: resticMachine } },
  hears: ['restic'],
  route(event, conversations) {
    const run = String(event.run);
    // The beginning of another run also concerns those that were kept out or gave up.
    const before = conversations.find('restic', run) ? [] : conversations.waiting('restic');
    const ended = before
      .filter(({ state }) => state === 'refused' || state === 'givenUp')
      .flatMap((one) => one.send(event));
    return [...ended, ...conversations.get('restic', run).send(event)];
  },
};
