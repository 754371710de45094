import { printable } from './table.ts';

/** Prints what a verb has found: as JSON, or the lines for people, without what could move a terminal's cursor. */
export function print(
  { json }: { readonly json?: boolean | undefined },
  value: unknown,
  lines: () => readonly string[],
): void {
  process.stdout.write(
    json === true
      ? `${JSON.stringify(value, null, 2)}\n`
      : lines()
          .map((line) => `${printable(line)}\n`)
          .join(''),
  );
}
