/** Everything that can be wrong with an image file, by its stable name, with what to do about it. */
const WHAT_TO_DO = {
  'wim-unreadable': 'see whether the file exists and may be read',
  'wim-truncated': 'the file was cut short: copy it again, and see whether the disk or the quota was full',
  'wim-header-damaged': 'the file is not a WIM, or its first bytes were overwritten: copy it again from its source',
  'wim-write-in-progress': 'a program is writing the file, or did not finish: wait for it, or make the image again',
  'wim-table-damaged':
    'the blob table does not hold what its header says: copy the file again, or make the image again',
  'wim-xml-damaged':
    'the list of images cannot be read: copy the file again; wimlib-imagex info --extract-xml shows what is there',
  'wim-image-count':
    'header and list disagree about the images: an interrupted change; copy the file again, or export its images (wimlib-imagex export)',
  'wim-integrity-damaged':
    'the integrity table itself is damaged: copy the file again; if its content verifies, wimlib-imagex optimize --check writes a new table',
  'wim-integrity-mismatch':
    'bytes changed since the image was made: copy the file again and check the disk that it lies on',
  'wim-resource-outside':
    'the blob table points outside of the file: it was cut and padded, or the table is damaged; copy it again',
  'wim-resources-overlap':
    'two resources claim the same bytes: the table is damaged or was made to harm; do not serve this file',
  'wim-content-damaged': 'the content does not have the SHA-1 that the table gives it: copy the file again',
  'wim-metadata-missing': 'an image without its folder tree cannot be applied: copy the file again',
  'wim-resources-missing':
    'the image keeps its files in another part (Res.rwm in a WDS group): put that part of the same set beside it',
  'wim-resources-foreign':
    'the part beside it belongs to another set: images and Res.rwm of two groups were mixed; restore the group from one source',
  'wim-wrong-architecture':
    'the image is for an architecture other than that of its folder: move it to the folder of its own architecture',
} as const;

export type WimProblemName = keyof typeof WHAT_TO_DO;

/** One thing that is wrong with one file. */
export interface WimProblem {
  readonly problem: WimProblemName;
  readonly file: string;
  /** Where in the file, bytes from its start. */
  readonly offset?: number;
  readonly expected: string;
  readonly got: string;
}

/** What to do about a problem, one sentence. */
export function whatToDo(problem: WimProblemName): string {
  return WHAT_TO_DO[problem];
}

/** A problem that ends the reading of a file. */
export class WimProblemError extends Error {
  override readonly name = 'WimProblemError';
  readonly found: WimProblem;

  constructor(found: WimProblem) {
    super(
      `${found.file}${found.offset === undefined ? '' : ` at offset ${found.offset}`}: ${found.problem}: expected ${found.expected}, got ${found.got}; ${whatToDo(found.problem)}`,
    );
    this.found = found;
  }
}

/** Problems of one kind in one file that are named; the rest is counted. */
const MOST_NAMED = 10;

/** The first of many problems of one kind, and how many more there are. */
export function shortened(problems: readonly WimProblemError[]): WimProblemError[] {
  const [first] = problems;
  if (!first || problems.length <= MOST_NAMED) return [...problems];
  return [
    ...problems.slice(0, MOST_NAMED),
    new WimProblemError({ ...first.found, got: `${problems.length - MOST_NAMED} more like these` }),
  ];
}
