import { basename, dirname, join, resolve, sep } from 'node:path';
import type { MatrixPoint } from '../scenario/matrix/points.ts';

/**
 * A scenario's stable id: its path below the last folder called `scenarios`, without ending; in other places its
 * folder's name and its own. It does not depend on where the command was started.
 */
export function scenarioId(file: string, folder: string): string {
  const absolute = resolve(folder, basename(file)).replace(/\.[^./\\]+$/, '');
  const parts = absolute.split(sep);
  const root = parts.lastIndexOf('scenarios');
  return root >= 0 && root < parts.length - 1
    ? parts.slice(root + 1).join('/')
    : join(basename(dirname(absolute)), basename(absolute)).replaceAll(sep, '/');
}

/** The id of one boot: `wds/install-bios[nic=e1000]`. */
export function planId(scenario: string, matrix: Readonly<Record<string, string>>): string {
  const values = Object.entries(matrix).map(([axis, value]) => `${axis}=${value}`);
  return values.length === 0 ? scenario : `${scenario}[${values.join(',')}]`;
}

/** A matrix point as texts: sizes with their unit again. */
export function matrixTexts(point: MatrixPoint): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(point).map(([axis, value]) => [
      axis,
      axis === 'memory' || axis === 'disk' ? formatMiB(Number(value)) : String(value),
    ]),
  );
}

function formatMiB(miB: number): string {
  return miB % 1024 === 0 ? `${miB / 1024}GiB` : `${miB}MiB`;
}
