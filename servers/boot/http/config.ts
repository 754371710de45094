import * as z from 'zod';
import { HTTP_PORT } from '../../../harness/protocols/http/wire/ports.ts';
import { ip, ipv6, port, positive } from '../../service/config-fields.ts';
import { CONFIG_WORDS } from '../../service/config-words.ts';
import { httpMisbehaviours } from './misbehaviours.ts';

/** Configuration of the HTTP server. */
export const httpConfigSchema = z.strictObject({
  address: ip,
  /** Serves the same at this address, too. */
  ipv6: ipv6.optional(),
  port: port.default(HTTP_PORT),
  /** Folder to serve; nothing outside it can be reached. */
  root: z.string().min(1, 'expected a folder'),
  etag: z.boolean().default(true),
  limits: z
    .strictObject({ /** Connections at the same time; more are closed at once. */ connections: positive.default(1024) })
    .default({ connections: 1024 }),
  misbehave: httpMisbehaviours(CONFIG_WORDS).default({}),
});
export type HttpConfig = z.output<typeof httpConfigSchema>;
