/**
 * A value in a message, with its kind where that is not plain to see: `"x"`, `7`, `a list`, `nothing`. Total: cycles
 * and oddities included.
 */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return value.length > MOST ? `${quote(value.slice(0, MOST))}… (${value.length} characters)` : quote(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object': {
      const keys = Object.keys(value);
      const shown = keys
        .slice(0, 3)
        .map((key) => describeKey(key))
        .join(', ');
      return keys.length === 0 ? 'an empty map' : `a map with ${shown}${keys.length > 3 ? ', …' : ''}`;
    }
    default:
      return `a ${typeof value}`;
  }
}

/** A key in a message, cut where it is longer than any real one. */
export function describeKey(key: string): string {
  return quote(key.length > MOST ? `${key.slice(0, MOST)}…` : key);
}

/**
 * Quoted as JSON quotes, and what would steer a terminal or hide from the eye is escaped, too: JSON lets C1 controls
 * and direction marks through.
 */
function quote(text: string): string {
  return JSON.stringify(text).replace(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Longest text that a message repeats: a line of a terminal. */
const MOST = 80;
