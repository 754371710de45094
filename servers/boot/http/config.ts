import { z } from 'zod';
import { count, ipv4, port, positive } from '../../service/config-fields.ts';

/** Configuration of the HTTP server. */
export const httpConfigSchema = z.strictObject({
  address: ipv4,
  port: port.default(80),
  /** Folder to serve; nothing outside it can be reached. */
  root: z.string().min(1, 'expected a folder'),
  etag: z.boolean().default(true),
  limits: z
    .strictObject({ /** Connections at the same time; more are closed at once. */ connections: positive.default(1024) })
    .default({ connections: 1024 }),
  misbehave: z
    .strictObject({
      /** Answers every request with this status and no file. */
      status: z
        .int()
        .min(400, 'expected a status of 400 to 599')
        .max(599, 'expected a status of 400 to 599')
        .optional(),
      /** Answers every request with 302 to this URL, but for the URL's own path. */
      redirect: z
        .string()
        .regex(/^[!-~]+$/, 'expected a URL or path, percent-encoded')
        .optional(),
      /** Announces the whole file, sends that many bytes of it and resets the connection. */
      truncateAfter: count.optional(),
      /** Waits so long before it answers. */
      delayMs: count.max(600_000).optional(),
    })
    .default({}),
});
export type HttpConfig = z.output<typeof httpConfigSchema>;
export type HttpConfigInput = z.input<typeof httpConfigSchema>;
