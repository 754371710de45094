/** A character of a US keyboard: its QKeyCode (qapi/ui.json), and whether shift is held. */
interface Key {
  readonly code: string;
  readonly shift: boolean;
}

/** Punctuation by key: code, character, character with shift. */
const PUNCTUATION: readonly (readonly [code: string, plain: string, shifted: string])[] = [
  ['grave_accent', '`', '~'],
  ['1', '1', '!'],
  ['2', '2', '@'],
  ['3', '3', '#'],
  ['4', '4', '$'],
  ['5', '5', '%'],
  ['6', '6', '^'],
  ['7', '7', '&'],
  ['8', '8', '*'],
  ['9', '9', '('],
  ['0', '0', ')'],
  ['minus', '-', '_'],
  ['equal', '=', '+'],
  ['bracket_left', '[', '{'],
  ['bracket_right', ']', '}'],
  ['backslash', '\\', '|'],
  ['semicolon', ';', ':'],
  ['apostrophe', "'", '"'],
  ['comma', ',', '<'],
  ['dot', '.', '>'],
  ['slash', '/', '?'],
];

const KEYS: ReadonlyMap<string, Key> = new Map([
  ...PUNCTUATION.flatMap(([code, plain, shifted]): [string, Key][] => [
    [plain, { code, shift: false }],
    [shifted, { code, shift: true }],
  ]),
  ...Array.from('abcdefghijklmnopqrstuvwxyz').flatMap((letter): [string, Key][] => [
    [letter, { code: letter, shift: false }],
    [letter.toUpperCase(), { code: letter, shift: true }],
  ]),
  [' ', { code: 'spc', shift: false }],
  ['\n', { code: 'ret', shift: false }],
  ['\t', { code: 'tab', shift: false }],
  ['\u001b', { code: 'esc', shift: false }],
  ['\b', { code: 'backspace', shift: false }],
]);

/** Names that people use for keys which QEMU calls otherwise. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['enter', 'ret'],
  ['return', 'ret'],
  ['space', 'spc'],
  ['escape', 'esc'],
  ['del', 'delete'],
  ['ins', 'insert'],
  ['page-up', 'pgup'],
  ['page-down', 'pgdn'],
]);

/** The chord `shift-a`, `ctrl-alt-delete` or `ret` as QKeyCodes, to be held together in this order. */
export function chordOf(name: string): string[] {
  const whole = ALIASES.get(name);
  if (whole !== undefined) return [whole];
  const parts = name.split('-').map((part) => ALIASES.get(part) ?? part);
  if (parts.includes(''))
    throw new Error(
      `key ${JSON.stringify(name)}: expected key names joined by "-", e.g. "shift-a"; the minus key is called "minus"`,
    );
  return parts;
}

/** The chords that type a text on a US keyboard. Throws for a character that it has not. */
export function chordsOfText(text: string): string[] {
  return Array.from(text, (character) => {
    const key = KEYS.get(character);
    if (key === undefined)
      throw new Error(
        `cannot type ${JSON.stringify(character)} (U+${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}): a US keyboard has no key for it`,
      );
    return key.shift ? `shift-${key.code}` : key.code;
  });
}
