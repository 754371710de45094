import * as z from 'zod';
import type { DetailWords, StepWords } from '../../protocols/base/judge/vocabulary.ts';
import { CAUSE_NAMES, STEP_NAMES, STEPS, type StepName } from '../../protocols/words.ts';
import { regex } from './values.ts';

// Expected steps: `- tftp.transfer: { path: 'boot\x86\wdsnbp.com', blksize: 1456 }`, or just `- boot.complete`.

const pattern = z
  .strictObject({
    matches: regex.meta({ examples: ['^boot\\\\x(86|64)\\\\'] }),
  })
  .meta({ description: 'a regular expression instead of the exact value' });

const VALUES = {
  // An id makes it one definition of the JSON Schema instead of a copy at each of some hundred keys.
  string: z
    .union([z.string(), pattern], { error: 'text, or { matches: a regular expression }' })
    .meta({ id: 'textOrPattern' }),
  number: z.number({ error: 'a number' }),
  boolean: z.boolean({ error: 'true or false' }),
} as const;

type Detail = z.infer<(typeof VALUES)[keyof typeof VALUES]>;

type MatcherOf<W> = W extends readonly [infer K, ...unknown[]]
  ? MatcherOf<K>
  : W extends keyof typeof VALUES
    ? z.input<(typeof VALUES)[W]>
    : never;

/** What a scenario says of a step: the details that must match. */
type Expected<N extends StepName> = {
  readonly [K in keyof (typeof STEPS)[N]['details']]?: MatcherOf<(typeof STEPS)[N]['details'][K]>;
};

/** The matcher of a detail, by its declaration: its kind or names, and what it says where its name does not. */
function detail(words: DetailWords) {
  if (typeof words === 'string') return VALUES[words].optional();
  const [kind, description, names] = words;
  return (names === undefined ? VALUES[kind] : nameOf(names)).optional().meta({ description });
}

/** How decoders show a number that has no name: `0xc0000999`, `operation 99`, or nothing at all. */
const NAMELESS = /^(0x[0-9a-f]+|[a-z]+ \d+|)$/;

type Registry = z.ZodUnion<readonly [z.ZodEnum, z.ZodString, typeof pattern]>;
const REGISTRIES = new Map<readonly string[], Registry>();

/** A name of a registry, one schema for each; a long one is one definition of the JSON Schema. */
function nameOf(names: readonly string[]): Registry {
  const known = REGISTRIES.get(names) ?? newRegistry(names);
  REGISTRIES.set(names, known);
  return known;
}

function newRegistry(names: readonly string[]): Registry {
  const isLong = names.length > MOST_SHOWN;
  const about = isLong ? `a name such as ${names[0] ?? ''}` : `one of ${names.join(', ')}`;
  const matcher = z.union([z.enum(names), z.string().regex(NAMELESS, { abort: true }), pattern], {
    error: `${about}, or { matches: a regular expression }`,
  });
  return isLong ? matcher.meta({ id: `name${REGISTRIES.size}` }) : matcher;
}
const MOST_SHOWN = 20;

function details(name: StepName) {
  const { about, details: words }: StepWords = STEPS[name];
  const shape = Object.fromEntries(Object.entries(words).map(([key, one]) => [key, detail(one)] as const));
  return z.strictObject(shape).meta({ description: about }).nullish();
}

// Each name has the details that its declaration gives it, which `fromEntries` forgets.
const shapes = Object.fromEntries(STEP_NAMES.map((name) => [name, details(name)] as const)) as unknown as {
  [N in StepName]: z.ZodOptional<z.ZodNullable<z.ZodType<Expected<N>, Expected<N>>>>;
};

const stepMap = z
  .strictObject(shapes)
  .refine((step) => Object.keys(step).length === 1, { error: 'exactly one step name' })
  .meta({ minProperties: 1, maxProperties: 1 });

export const stepName = z.enum(STEP_NAMES, { error: 'the name of a step' }).meta({ id: 'stepName' });

/** One expected step, parsed to its name and the details that must match. */
export const step = z
  .union([stepName, stepMap], {
    error: 'a step, e.g. - tftp.transfer: { blksize: 1456 }',
  })
  .meta({ id: 'step' })
  .transform((value): { readonly step: StepName; readonly with: Readonly<Record<string, Detail>> } => {
    if (typeof value === 'string') return { step: value, with: {} };
    const [name, keys] = Object.entries(value)[0] ?? [];
    return { step: name as StepName, with: keys ?? {} };
  });

/** The failure that a negative scenario, or a client of it, is about. */
export const expectedFailure = z
  .strictObject({
    step: stepName.meta({ description: 'the step that must fail', examples: ['tftp.transfer'] }),
    cause: z
      .enum(CAUSE_NAMES, { error: 'a cause (harness/docs/steps.md)' })
      .optional()
      .meta({
        description: 'the diagnosis that must be made',
        examples: ['boot-file-missing', 'wrong-password', 'image-missing', 'dhcp-silent'],
      }),
  })
  .meta({ description: 'a negative scenario: passes when this failure comes, and only then' });
