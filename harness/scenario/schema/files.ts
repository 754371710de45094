import * as z from 'zod';
import { HTTP_PORT } from '../../protocols/http/wire/ports.ts';
import { httpMisbehaviour, tftpMisbehaviour } from './misbehaviour.ts';
import { count, duration, flag, ipv4, wirePath } from './values.ts';

// The services that deliver boot files.

const at = ipv4.optional();

/** Files that a scenario adds to what a service has. */
export function extraFiles(example: string) {
  return z
    .record(
      wirePath,
      z.union([z.strictObject({ text: z.string() }), z.strictObject({ file: z.string().min(1) })], {
        error: '{ text: … } or { file: path }',
      }),
    )
    .optional()
    .meta({
      description:
        'extra files: name on the server, and their text or a local file (relative to this file; outside of its folder it needs --allow-root)',
      examples: [{ [example]: { text: 'hello' } }],
    });
}

const tree = {
  root: z
    .string({ error: 'a bundle or a folder' })
    .min(1, { error: 'a bundle, e.g. boot-files/wds, or a folder, e.g. ./tftp-root' })
    .optional()
    .meta({
      description:
        'bundle of boot files, or a folder of your own (./ relative to this file; outside of its folder it needs --allow-root); default boot-files/wds',
      examples: ['boot-files/wds', './tftp-root'],
    }),
  files: extraFiles('boot\\motd'),
  without: z
    .array(wirePath)
    .optional()
    .meta({
      description: 'files that the tree leaves out, such as a forgotten boot file',
      examples: [['boot\\x86\\wdsnbp.com']],
    }),
};

/** TFTP: delivers boot files. */
export const tftp = z
  .strictObject({
    at: at.meta({ description: 'default: where the boot server is' }),
    ...tree,
    'driver-packages': z
      .array(z.string({ error: 'the name of a driver package' }))
      .optional()
      .meta({
        description:
          'driver packages that the boot program loads with the bundled boot image, for hardware that it has no drivers for',
        examples: [['rtl8139']],
      }),
    'max-blksize': count(8, 65_464, 'a block size in bytes (RFC 2348)')
      .optional()
      .meta({ description: 'largest block size that the server grants; default 65464' }),
    'max-windowsize': count(1, 65_535, 'a number of blocks (RFC 7440)')
      .optional()
      .meta({ description: 'largest window that the server grants; 1 is lockstep; default 64' }),
    timeout: duration.optional().meta({
      description:
        'how long the server waits for an acknowledgement before it sends a block again, at least: longer where round trips are, twice as long after each resend; default 1s',
    }),
    retries: count(0, 100, 'a number of resends')
      .optional()
      .meta({ description: 'resends of one packet before a transfer is given up; default 6' }),
    'single-port': flag
      .optional()
      .meta({ description: 'true: every transfer from port 69, for clients behind a packet filter; default false' }),
    misbehave: tftpMisbehaviour.optional(),
  })
  .meta({ description: 'TFTP server' });

/** HTTP: delivers boot files to iPXE and to UEFI HTTP boot. */
export const http = z
  .strictObject({
    at: at.meta({ description: 'default: where the boot server is' }),
    ...tree,
    port: count(1, 65_535, 'a TCP port')
      .optional()
      .meta({ description: `default ${HTTP_PORT}` }),
    misbehave: httpMisbehaviour.optional(),
  })
  .meta({ description: 'HTTP server' });
