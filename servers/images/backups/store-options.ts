import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { REFERENCE_LAB } from '../../service/reference-lab.ts';
import { ManagementError } from '../../state/management-error.ts';
import { printable } from '../manage/table.ts';
import { BACKUP_NAME, readCatalogue, type Catalogue } from './catalogue.ts';
import type { BackupStore } from './restic.ts';

/** Adds a verb with the options that all of them have. */
export type AddVerb = (name: string, description: string) => Command;

export interface StoreOptions {
  readonly store: string;
  readonly passwordFile?: string;
  readonly json?: boolean;
}

/** Where the store is: `pxewright` fills in --store for a lab that runs (--run), with its password in RESTIC_PASSWORD. */
export function storeOptions(): Option[] {
  return [
    new Option(
      '--run <run>',
      'a running lab: its scenario (name or file), run folder or process id; default: the newest that pxewright serves',
    ),
    new Option(
      '--store <folder>',
      "instead of a running lab: a stored store, such as the scenario's services.backups.store",
    ).makeOptionMandatory(),
    new Option(
      '--password-file <file>',
      "its first line is the store's password; default: RESTIC_PASSWORD, then that of scenarios which name none",
    ),
    new Option('--json', 'machine-readable'),
  ];
}

export const BACKUP = `backup: ${BACKUP_NAME}`;
export const PARTITION = 'its number, as show lists it';
export const AGE_HELP = 'such as 90m, 12h, 7d or 4w';

export const DAY_MS = 86_400_000;

export function storeOf({ store, passwordFile }: StoreOptions): BackupStore {
  return { folder: store, password: passwordOf(passwordFile) };
}

function passwordOf(file: string | undefined): string {
  if (file !== undefined) return (passwords[file] ??= passwordIn(file));
  const password = process.env['RESTIC_PASSWORD'] ?? REFERENCE_LAB.account.password;
  if (password === '') throw new ManagementError('RESTIC_PASSWORD: expected a password, got nothing');
  return password;
}

/** By file. A pipe can be read once. */
const passwords: Record<string, string> = {};

/** The first line of a file, also of one that was written on Windows: without a byte order mark and the carriage return. */
function passwordIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ManagementError(`--password-file: expected a file with a password, got ${(error as Error).message}`);
  }
  const [password = ''] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (password === '')
    throw new ManagementError(`--password-file: expected a password in the first line of ${file}, got nothing`);
  return password;
}

export async function catalogueOf(options: StoreOptions): Promise<Catalogue> {
  const catalogue = await readCatalogue(storeOf(options));
  for (const warning of catalogue.warnings) process.stderr.write(`${printable(warning)}\n`);
  return catalogue;
}

/** Rows of one client; `what` they are, for the message that there are none. */
export function ofClient<Row extends { readonly client?: string | undefined }>(
  rows: readonly Row[],
  client: string,
  what: string,
): readonly Row[] {
  const own = rows.filter((one) => one.client === client);
  if (own.length > 0) return own;
  const clients = [...new Set(rows.flatMap((one) => one.client ?? []))];
  throw new ManagementError(
    `--client: expected a client that has ${what}, got "${client}" (${clients.length === 0 ? `the store has no ${what}` : `the store has: ${clients.join(', ')}`})`,
  );
}

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1.');
  return value;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

/** restic's own durations end at 292 years. */
const LONGEST_MS = 292 * 365 * DAY_MS;

export function ageMs(text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text) ?? [];
  const ms = Number(value) * (UNITS_MS[unit] ?? 0);
  if (value === undefined || ms > LONGEST_MS) throw new InvalidArgumentError(`expected an age ${AGE_HELP}.`);
  return ms;
}
