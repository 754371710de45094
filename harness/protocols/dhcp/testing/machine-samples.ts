import { type Host, SERVER } from '../../../observe/testing/scene.ts';
import type { Sighting } from '../../base/judge/step.ts';
import { boot } from '../../../verdict/testing/boot-story.ts';
import { DHCP_SERVER } from './scene.ts';
import type { MachineSamples } from '../../testing/machine-sample.ts';

const OTHER: Host = { mac: '00:1f:29:04:77:0e', ip: '172.22.52.208' };

/** Captures that reach every state of this room's machines. */
export const MACHINE_SAMPLES = {
  dhcp: {
    captures: [
      boot()
        .dhcpRound({ siaddr: SERVER.ip, bootfile: 'pxelinux.0' })
        .also(({ dhcp: to }) => to.offer({ xid: 5 }).grant({ xid: 5 }).answer('nak', { server: DHCP_SERVER.ip }))
        .also(({ dhcp: to }) => to.ask('decline').ask('release').ask('inform')),
      boot().guestDhcp(),
    ],
    facts: (context: { xid: number; offers: readonly unknown[] }) => [context.xid, Math.min(context.offers.length, 1)],
  },
  proxydhcp: {
    captures: [
      boot()
        .proxyBoot()
        .also(({ dhcp: to }) =>
          to
            .bootServerOffer({ bootfile: 'a.0' })
            .bootServerAnswer()
            // From port 67 and without option 60: no client takes it as an answer to its question.
            .answer('ack', { server: SERVER.ip, bootfile: 'a.0' }, { ...SERVER, port: 67 }),
        )
        .programRound(9, {}, { nextAction: 3, referralServer: OTHER.ip }),
    ],
    facts: (context: { askedIp: string; offers: readonly unknown[] }) => [
      context.askedIp,
      Math.min(context.offers.length, 2),
    ],
  },
  wdsnbp: {
    captures: [
      boot()
        .programRound(1, {}, { nextAction: 1, requestId: 1 })
        .programRound(2, { pxePromptDone: 1 }, { nextAction: 5 })
        .programRound(3, {}, { nextAction: 3, referralServer: OTHER.ip })
        .programRound(4, {}, { pxeClientPrompt: 1 }, 'pxeboot.com'),
    ],
    facts: (context: { pendingSince: Sighting; promptDone: string }) => [
      context.pendingSince.frame > 0,
      context.promptDone,
    ],
  },
} satisfies MachineSamples;
