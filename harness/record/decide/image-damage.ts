import type { Step } from '../../../reports/result.ts';
import { WINDOWS_ARCHITECTURE_NAMES } from '../../protocols/wim/wire/architectures.ts';
import { seen, type Commented, type CommentedMap } from '../commented.ts';

/** In the first bytes of every WIM, by which its readers know it (harness/docs/protocols.md). */
const IN_MAGIC = 3;
const MOST_OF_IT = '60%';

/**
 * `images.damage`: what is wrong with an image that the lab has whole, so that reading it fails as it did; undefined where
 * nothing is, or where no damage of a scenario gives that failure.
 */
export function imageDamage(failure: Step | undefined): CommentedMap | undefined {
  const path = failure?.detail?.['path'];
  const how = failure === undefined ? undefined : damageOf(failure);
  return how === undefined || typeof path !== 'string' ? undefined : { damage: { [path]: how } };
}

function damageOf({ step, cause, frames, detail }: Step): Commented | undefined {
  const architecture = WINDOWS_ARCHITECTURE_NAMES.find((name) => name === detail?.['architecture']);
  if (cause === 'image-truncated') return seen({ truncate: MOST_OF_IT }, frames, 'some of it is missing');
  if (cause === 'image-damaged' && step === 'image.header')
    return seen({ 'flip-byte-at': IN_MAGIC }, frames, 'its header is damaged');
  return cause === 'image-wrong-architecture' && architecture !== undefined
    ? seen({ architecture }, frames)
    : undefined;
}
