import type { LoadingCause } from './loading-words.ts';
import type { Breach } from './step.ts';
import { samePath } from './path-names.ts';

/** A boot file and the server that has it, as one message told the client. */
export interface BootTarget {
  /** Path, or a URL for HTTP boot and iPXE. */
  readonly bootFile: string;
  /** Address or name; empty when the message did not say. */
  readonly server: string;
  /** The message that named it: `dhcp.ack in frame 12`. */
  readonly source: string;
}

/** Whether the file at `path` on `server` is one that the client was told to load. */
export function isTold(targets: readonly BootTarget[], path: string): boolean {
  return targets.some((target) => samePath(bootFilePath(target.bootFile), path));
}

/** What is wrong with the client's first request for a boot file; undefined when a server named this file, or none. */
export function bootRequestBreach(
  targets: readonly BootTarget[],
  path: string,
  server: string,
): Breach<LoadingCause> | undefined {
  const named = targets.filter((target) => target.bootFile !== '');
  if (named.length === 0) return undefined;
  const samePaths = named.filter((target) => samePath(bootFilePath(target.bootFile), path));
  const told = named
    .map((target) => `“${target.bootFile}”${target.server === '' ? '' : ` from ${target.server}`} (${target.source})`)
    .join(' or ');
  if (samePaths.length === 0) return { expected: told, actual: `“${path}” from ${server}`, cause: 'wrong-boot-file' };
  if (samePaths.some((target) => serverFits(target, server))) return undefined;
  return { expected: told, actual: `“${path}” from ${server}`, cause: 'wrong-boot-server' };
}

/** The path that a client asks for: the boot file, or what its URL has behind the host. */
export function bootFilePath(bootFile: string): string {
  return URL.canParse(bootFile) ? decodePath(new URL(bootFile).pathname) : bootFile;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The host of a URL, an IPv6 address without its brackets (RFC 3986 section 3.2.2); undefined for what is no URL. */
export function urlHost(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}

/** The host that has a boot file: that of its URL, else the server that was named beside it. */
export const hostOf = ({ bootFile, server }: BootTarget): string => urlHost(bootFile) ?? server;

function serverFits(target: BootTarget, server: string): boolean {
  const told = hostOf(target);
  // A name resolves to an address that the judge cannot know.
  return !/^\d+(\.\d+){3}$|:/.test(told) || told === server;
}
