import type { CaptureFlaw } from '../../observe/door/quality.ts';

/** Flaws that leave it open whether a boot went through. */
const LIMITS: readonly CaptureFlaw['kind'][] = ['one-sided', 'filtered'];

/** Why a capture cannot show that a boot went through, although nothing in it failed; undefined where it can. */
export function limitOf(quality: readonly CaptureFlaw[]): string | undefined {
  return quality.find(({ kind }) => LIMITS.includes(kind))?.what;
}
