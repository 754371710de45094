/** What `pxewright backups extract --json` says of an entry, as far as it is read here. */
export interface ExtractedEntry {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
  readonly sha256?: string;
  readonly leftOut?: string;
}

/**
 * What of a backup is not on a client's disk as the backup has it, in one sentence each. `hashes`: SHA-256 of the files on the disk, by
 * path; absent while the client has not ended.
 */
export function recoveryFindings(
  entries: readonly ExtractedEntry[],
  hashes?: ReadonlyMap<string, string>,
): readonly string[] {
  return entries.flatMap(({ path, type, sha256, leftOut }) => {
    if (leftOut !== undefined) return [`${path} of the backup was not recovered: ${leftOut}`];
    if (type === 'link')
      return [`${path} of the backup was not recovered: it is a link, and the share gives files alone`];
    if (sha256 === undefined || hashes === undefined) return [];
    const found = hashes.get(path);
    if (found === sha256) return [];
    return [
      `${path} on the disk is not what the backup has: expected SHA-256 ${sha256}, found ${found === undefined ? 'no such file' : `SHA-256 ${found}`}`,
    ];
  });
}
