import * as z from 'zod';
import { ACCOUNT_NAME, FORBIDDEN_IN_ACCOUNT_NAMES } from '../service/name-patterns.ts';

// Fields that Samba's configurations share, whatever its role.

const FOLDER = 'expected an absolute folder';
// What Samba's configuration file and the SMB protocol both take as a name; no quoting rules to get wrong.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\$?$/;

/** An absolute path that fits on a line of smb.conf. */
export const folder = z.string(FOLDER).regex(/^\/[^\n\r]*$/, FOLDER);

/** A name of a server, a share, a domain or a computer. */
export const name = (what: string, longest: number) =>
  z
    .string(`expected ${what}`)
    .max(longest, `expected ${what} of at most ${longest} characters`)
    .regex(NAME, `expected ${what} of letters, digits, dots and dashes`);

/** A user's account name. */
export const accountName = z
  .string('expected an account name')
  .regex(ACCOUNT_NAME, `expected an account name without any of ${FORBIDDEN_IN_ACCOUNT_NAMES}`);

/** A user's password. */
export const accountPassword = z
  .string('expected a password')
  .min(1, 'expected a password that is not empty')
  .regex(/^\P{Cc}*$/u, 'expected a password without control characters');
