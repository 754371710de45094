import { stripVTControlCharacters } from 'node:util';

/** Lines that say where something is stuck, of the end of a log. */
const LAST_LINES = 3;
const LONGEST_LINE = 160;

/* eslint-disable no-control-regex -- finding control characters is the purpose */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
/* eslint-enable no-control-regex */

/** The last lines of a log that hold any text, as text that cannot move a cursor. */
export function lastLines(log: string): string[] {
  return stripVTControlCharacters(log)
    .split(/[\r\n]+/)
    .map((line) => line.replace(CONTROLS, '').trim().slice(0, LONGEST_LINE))
    .filter((line) => line !== '')
    .slice(-LAST_LINES);
}
