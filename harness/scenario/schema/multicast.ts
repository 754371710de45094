import * as z from 'zod';
import { RECEIVER_PORT } from '../../protocols/multicast/wire/ports.ts';
import { multicastMisbehaviour } from './misbehaviour.ts';
import { bitRate, count, duration, ipv4, wirePath } from './values.ts';

const PORT_BASE = 'an even port (receivers listen there, the sender on the next one)';

/** The sender of an image to many clients at once. */
export const multicast = z
  .strictObject({
    at: ipv4.optional().meta({ description: 'default: where the image store is' }),
    image: wirePath.optional().meta({
      description: 'image file to send, below the share; default: the first file listed in services.images',
      examples: ['Images\\Linux\\sample.wim'],
    }),
    receivers: count(1, 1024, 'a number of receivers').optional().meta({
      description:
        'a session begins when so many have come; default: the clients with agent.by multicast that wait for no other client',
    }),
    'max-wait': duration.optional().meta({
      description: 'a session begins with fewer when this time has passed since the first one came; default 60s',
      examples: ['60s'],
    }),
    'min-wait': duration
      .optional()
      .meta({ description: 'a session begins no earlier than this after the first one came; default 0s' }),
    'port-base': count(2, 65_534, PORT_BASE)
      .refine((port) => port % 2 === 0, { error: PORT_BASE })
      .optional()
      .meta({ description: `port of receivers; the sender has the next one; default ${RECEIVER_PORT}` }),
    'max-bitrate': bitRate
      .optional()
      .meta({ description: 'most bits in a second; default: as fast as receivers confirm', examples: ['100Mbit'] }),
    retries: count(1, 10_000, 'a number of questions').optional().meta({
      description: 'questions that a receiver may leave unanswered before the others go on without it; default 200',
    }),
    misbehave: multicastMisbehaviour.optional(),
  })
  .meta({
    description:
      'sender of one image to many clients at once (udpcast), session after session: a client that comes while it sends gets the image in the next session. For clients with agent.by multicast',
  });
