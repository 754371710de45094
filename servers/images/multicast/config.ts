import * as z from 'zod';
import { RECEIVER_PORT } from '../../../harness/protocols/multicast/wire/ports.ts';
import { count, ipv4, positive } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { multicastMisbehaviours } from './misbehaviours.ts';

const PORT_BASE = 'expected an even port from 2 to 65534: the sender listens on the next one';

/** Configuration of the multicast sender. */
export const multicastConfigSchema = z.strictObject({
  /** Of an interface: it sends from there. */
  address: ipv4,
  /** Folder of the image store; nothing outside of it is sent. */
  root: z.string('expected a folder').min(1, 'expected a folder'),
  /** The image file, below `root`. */
  image: z.string('expected a file below root').min(1, 'expected a file below root'),
  /** Where receivers listen. */
  portBase: z.int(PORT_BASE).min(2, PORT_BASE).max(65_534, PORT_BASE).multipleOf(2, PORT_BASE).default(RECEIVER_PORT),
  /** A session begins when so many have come. */
  receivers: positive
    .max(1024, 'expected at most 1024 receivers, which is all that udp-sender has room for')
    .default(1),
  /** It begins with fewer when this time has passed since the first one came. */
  maxWaitMs: count.default(60_000),
  /** It begins no earlier than this after the first one came. */
  minWaitMs: count.default(0),
  /** Most bits in a second; without it as fast as receivers confirm. */
  bitsPerSecond: positive.optional(),
  /** Questions that a receiver may leave unanswered before it is dropped. */
  retries: positive.optional(),
  /** A sender without a receiver says so often that it is there. */
  helloMs: positive.default(1000),
  startTimeoutMs: z.int().min(100).max(60_000).default(20_000),
  misbehave: multicastMisbehaviours(CONFIG_WORDS).default({}),
});
export type MulticastConfig = z.output<typeof multicastConfigSchema>;
