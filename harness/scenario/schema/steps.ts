import { z } from 'zod';
import { STEPS, STEP_NAMES, type StepName } from './step-names.ts';

// Expected steps: `- tftp.transfer: { path: 'boot\x86\wdsnbp.com', blksize: 1456 }`, or just `- boot.complete`.

const pattern = z
  .strictObject({
    matches: z
      .string({ error: 'a regular expression' })
      .refine(isRegex, { error: 'a regular expression that JavaScript understands' })
      .meta({ examples: ['^boot\\\\x(86|64)\\\\'] }),
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

function details(name: StepName) {
  const { about, details: keys } = STEPS[name];
  const shape = Object.fromEntries(Object.entries(keys).map(([key, kind]) => [key, VALUES[kind].optional()] as const));
  return z.strictObject(shape).meta({ description: about });
}

const stepMap = z
  .strictObject(Object.fromEntries(STEP_NAMES.map((name) => [name, details(name).nullish()] as const)))
  .refine((step) => Object.keys(step).length === 1, { error: 'exactly one step name' })
  .meta({ minProperties: 1, maxProperties: 1 });

/** One expected step, parsed to its name and the details that must match. */
export const step = z
  .union([z.enum(STEP_NAMES, { error: 'the name of a step' }), stepMap], {
    error: 'a step, e.g. - tftp.transfer: { blksize: 1456 }',
  })
  .meta({ id: 'step' })
  .transform((value): { readonly step: StepName; readonly with: Readonly<Record<string, Detail>> } => {
    if (typeof value === 'string') return { step: value, with: {} };
    const [name, keys] = Object.entries(value)[0] ?? [];
    return { step: name as StepName, with: (keys ?? {}) as Readonly<Record<string, Detail>> };
  });

/** The failure that a negative scenario, or a client of it, is about. */
export const expectedFailure = z
  .strictObject({
    step: z
      .enum(STEP_NAMES, { error: 'the name of a step' })
      .meta({ description: 'the step that must fail', examples: ['tftp.transfer'] }),
    cause: z
      .string({ error: 'a cause' })
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: 'the identifier of a diagnosis, e.g. boot-file-missing' })
      .optional()
      .meta({
        description: 'the diagnosis that must be made',
        examples: ['boot-file-missing', 'wrong-password', 'image-missing', 'dhcp-silent'],
      }),
  })
  .meta({ description: 'a negative scenario: passes when this failure comes, and only then' });

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
