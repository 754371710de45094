import type { Judging } from '../../base/judge/conversations.ts';
import type { ResticEvent } from '../observe/events.ts';
import { resticMachine } from './machine.ts';

/** One conversation for each run of restic. */
export const resticJudging: Judging<ResticEvent, 'restic'> = {
  machines: { restic: { logic: resticMachine } },
  hears: ['restic'],
  route: (event, conversations) => conversations.get('restic', String(event.run)).send(event),
};
