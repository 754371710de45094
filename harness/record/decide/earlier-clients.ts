import { seen, told, Told, type Commented, type CommentedMap } from '../commented.ts';
import type { Fact } from '../facts/fact.ts';
import type { Decision } from './decision.ts';

/** Clients that a lab boots before the recorded one, so that it finds what it found: a system on its disk, an image. */
export interface Earlier {
  /** The image that the recorded client itself writes to the store. */
  readonly captures?: Fact<string>;
  /** The image that is there since an earlier client wrote it. */
  readonly captured?: Fact<string>;
}

const REFERENCE = 'reference';
const CAPTURE = 'capture';
const SAMPLE = 'Images\\Linux\\sample.wim';
/** The client writes an image by another name until it is whole. */
const UNTIL_WHOLE = /\.partial$/i;

/** `bundled`: paths of the images that a lab has, lower case. */
export function earlierOf({ facts: { share }, failure }: Decision, bundled: ReadonlySet<string>): Earlier {
  const { written } = share;
  if (written !== undefined && /\.wim(\.partial)?$/i.test(written.value))
    return { captures: { ...written, value: written.value.replace(UNTIL_WHOLE, '') } };
  const captured = share.images.find(({ value }) => isOfGroup(value) && !bundled.has(value.toLowerCase()));
  return captured === undefined || failure !== undefined ? {} : { captured };
}

/** Whether two paths are one image, whole or still being written. */
export const sameImage = (one: string, other: string): boolean =>
  one.replace(UNTIL_WHOLE, '').toLowerCase() === other.replace(UNTIL_WHOLE, '').toLowerCase();

const isOfGroup = (path: string): boolean => /^images\\[^\\]+\\[^\\]+\.wim$/i.test(path);

/** When the recorded client starts, and with which disk. */
export function orderOf({ captures, captured }: Earlier): CommentedMap {
  if (captures !== undefined)
    return { 'disk-of': seen(REFERENCE, captures.frame, 'captures a system that no frame of its own shows') };
  return captured === undefined
    ? {}
    : { 'starts-after': seen(CAPTURE, captured.frame, 'installs an image that no lab has by itself') };
}

/** VMs like the recorded one, each with a story of its own. */
export function earlierClients({ captures, captured }: Earlier, pc: CommentedMap, user: string): CommentedMap[] {
  if (captures === undefined && captured === undefined) return [];
  const logon = { user };
  const vm = Object.fromEntries(['firmware', 'nic', 'memory'].map((key) => [key, plain(pc[key])]));
  return [
    {
      name: told(REFERENCE, 'not in the capture: gets a system on its disk'),
      ...vm,
      disk: '1GiB',
      agent: { image: SAMPLE, logon },
      steps: [{ 'image.transfer': { path: SAMPLE } }],
    },
    ...(captured === undefined
      ? []
      : [
          {
            name: told(CAPTURE, 'not in the capture: writes that system to the store'),
            'disk-of': REFERENCE,
            ...vm,
            agent: { mode: 'capture', image: captured.value, logon },
            steps: [{ 'image.upload': { path: captured.value } }],
          },
        ]),
  ];
}

const plain = (value: Commented | undefined): Commented | undefined => (value instanceof Told ? value.value : value);
