/** A block of a guide that its test acts on. */
export type GuideStep =
  /** A file that the reader makes. */
  | { readonly kind: 'file'; readonly line: number; readonly path: string; readonly text: string }
  /** Commands that the reader types, and the exit status that the guide promises. */
  | { readonly kind: 'commands'; readonly line: number; readonly text: string; readonly exitCode: number }
  /** Commands that no test can run; the guide says why. */
  | { readonly kind: 'not-run'; readonly line: number; readonly text: string; readonly why: string }
  /** What the commands before it print: each line must come, in this order; `…` stands for anything. */
  | { readonly kind: 'output'; readonly line: number; readonly text: string };

const FENCE = /^```(\S+)?(?: (.*))?$/;

/**
 * The steps of a guide, from the words after the fences of its code blocks:
 *
 *     ```yaml file=scenarios/own.yaml     makes a file
 *     ```sh                               is run, and must end with 0
 *     ```sh exit=1                        is run, and must end with 1
 *     ```sh not-run="why no test can"     is not run
 *     ```text output                      is what the commands before it print
 *
 * Other blocks are for the reader alone; one with a word that is none of these is an error of the guide.
 */
export function parseGuide(text: string): GuideStep[] {
  const steps: GuideStep[] = [];
  let block: { language: string; words: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (block !== undefined && line === '```') {
      const step = stepOf(block.language, block.words, block.line, block.lines.join('\n'));
      if (step) steps.push(step);
      block = undefined;
    } else if (block !== undefined) {
      block.lines.push(line);
    } else {
      const [, language = '', words = ''] = FENCE.exec(line) ?? [];
      if (line.startsWith('```')) block = { language, words, line: index + 1, lines: [] };
    }
  }
  if (block !== undefined) throw new Error(`line ${block.line}: expected an end of the code block, got none`);
  return steps;
}

function stepOf(language: string, words: string, line: number, text: string): GuideStep | undefined {
  const [, name = '', quoted, bare = ''] = /^([\w-]+)(?:=(?:"([^"]+)"|(\S+)))?$/.exec(words) ?? [];
  const value = quoted ?? bare;
  if (name === 'file' && value !== '') return { kind: 'file', line, path: value, text: `${text}\n` };
  if (language === 'sh' && words === '') return { kind: 'commands', line, text, exitCode: 0 };
  if (language === 'sh' && name === 'exit') return { kind: 'commands', line, text, exitCode: Number(value) };
  if (language === 'sh' && name === 'not-run' && value !== '') return { kind: 'not-run', line, text, why: value };
  if (name === 'output' && value === '') return { kind: 'output', line, text };
  if (words !== '') throw new Error(`line ${line}: a code block with "${words}", which the guides do not know`);
  return undefined;
}

/** Lines of `expected` that `printed` lacks, in its order. */
export function missingLines(expected: string, printed: string): string[] {
  const lines = printed.split('\n');
  const missing: string[] = [];
  let from = 0;
  for (const wanted of expected.split('\n').filter((line) => line.trim() !== '' && line.trim() !== '…')) {
    const pattern = new RegExp(wanted.trim().split('…').map(escaped).join('.*'));
    const at = lines.findIndex((line, index) => index >= from && pattern.test(line));
    if (at < 0) missing.push(wanted);
    else from = at + 1;
  }
  return missing;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
