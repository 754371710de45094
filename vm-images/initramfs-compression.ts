import { execa } from 'execa';

/**
 * Compresses an initramfs for the kernel. zstd: see the measurements in vm-images/README.md. No checksum, since the
 * kernel skips it, and TCP and UDP have their own. One thread, so that the same archive gives the same bytes
 * everywhere.
 */
export async function compressInitramfs(archive: Uint8Array): Promise<Uint8Array> {
  const { stdout } = await execa('zstd', ['-19', '--no-check', '--single-thread', '-qc'], {
    input: archive,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1e9,
  });
  return stdout;
}
