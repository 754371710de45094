import { boot } from '../../../verdict/testing/boot-story.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

/** Captures that reach every state of this room's machine. */
export const MACHINE_SAMPLES = {
  tftp: {
    captures: [
      boot()
        .proxyBoot()
        .missesFiles('pxelinux.cfg/default')
        .also(({ tftp: to }) => {
          to.next().request('a').error(2, 'access violation', 'server');
          to.next().request('a', 'tsize=0').optionAck('tsize=700').optionAck('tsize=700').ack(0).error(8, 'no');
          to.next().request('a').request('a').lockstep(1, 1, 512).lockstep(1, 1, 512).data(3, 512);
          to.next().request('a').data(0, 512);
          to.next().write('a');
        }),
    ],
    facts: (context: { path: string; granted: unknown; options: unknown }) => [
      context.path,
      context.granted,
      context.options,
    ],
  },
} satisfies MachineSamples;
