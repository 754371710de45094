import { join } from 'node:path';
import { execa } from 'execa';
import type { BenchResult } from '../bench/bench-result.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';
import { EXIT } from './exit-codes.ts';
import { setUp } from './set-up.ts';
import { UsageError } from './usage-error.ts';

/** Benches by name; each is a program that prints a BenchResult. */
const BENCHES = ['overhead', 'replay', 'tftp', 'smb', 'control', 'matrix', 'backup', 'multicast'] as const;

/** `npm run bench -- [NAME…] [--json]`: compares with bare tools. Exit 1 when a wanted ratio was missed. */
export async function benchCommand(names: readonly string[], options: { readonly json?: boolean }): Promise<number> {
  const unknown = names.find((name) => !(BENCHES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new UsageError(`unknown bench "${unknown}" (known: ${BENCHES.join(', ')})`);
  await setUp('test');
  let ok = true;
  for (const name of names.length > 0 ? names : BENCHES) {
    const { stdout } = await execa(process.execPath, [join(PACKAGE_FOLDER, 'harness/bench', `${name}.ts`), '--json'], {
      stderr: 'inherit',
      cwd: PACKAGE_FOLDER,
    });
    const result = JSON.parse(stdout) as BenchResult;
    ok &&= result.rows.every((row) => row.ok);
    process.stdout.write(options.json ? `${stdout}\n` : table(result));
  }
  return ok ? EXIT.passed : EXIT.failed;
}

function table({ name, rows }: BenchResult): string {
  const cells = rows.map((row) => [
    row.ok ? '' : 'MISSED',
    row.what,
    String(row.ours),
    row.theirs === null ? '' : String(row.theirs),
    row.unit,
    row.ratio === null ? '' : `${row.ratio.median} (${row.ratio.min} to ${row.ratio.max})`,
    row.want ?? '',
  ]);
  const all = [['', name, 'ours', 'theirs', 'unit', 'ratio', 'wanted'], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return `${all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n\n`;
}
