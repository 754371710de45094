import type { RecordType } from '../wire/message.ts';
import type { SourceFilter } from './events.ts';

/** What a host of version 1 or 2 wants of a group that it has joined. */
export const EVERY_SOURCE: SourceFilter = { mode: 'exclude', sources: [] };
/** What no member wants. */
export const NO_SOURCE: SourceFilter = { mode: 'include', sources: [] };

/**
 * Sources that are remembered of one filter, the newest: more than fit into one frame. Linux lets a socket name 10
 * (net.ipv4.igmp_max_msf); of one that names ever more, each message would take longer than the one before.
 */
const MAX_SOURCES = 512;

/** Whether a filter lets anything through: to let nothing through is to be no member (RFC 3376 section 3.2). */
export function isMember({ mode, sources }: SourceFilter): boolean {
  return mode === 'exclude' || sources.length > 0;
}

/** A host's filter after one record about a group (RFC 3376 section 6.4); `before`: what it was, `NO_SOURCE` where unknown. */
export function filterAfter(before: SourceFilter, type: RecordType, sources: readonly string[]): SourceFilter {
  const { mode, sources: all } = changed(before, type, sources);
  return { mode, sources: all.slice(-MAX_SOURCES) };
}

function changed(before: SourceFilter, type: RecordType, sources: readonly string[]): SourceFilter {
  switch (type) {
    // An answer to a query about sources names those of them that the host wants, and not all that it wants (section 5.2).
    case 'mode-is-include':
      return before.mode === 'exclude' ? before : withSources(before, sources);
    case 'mode-is-exclude':
    case 'change-to-exclude':
      return { mode: 'exclude', sources };
    case 'change-to-include':
      return { mode: 'include', sources };
    case 'allow-new-sources':
      return before.mode === 'include' ? withSources(before, sources) : withoutSources(before, sources);
    case 'block-old-sources':
      return before.mode === 'include' ? withoutSources(before, sources) : withSources(before, sources);
  }
}

/** Whether a member has to answer a query about these sources, none of them meaning all (RFC 3376 section 5.2). */
export function hasToAnswer(filter: SourceFilter, sources: readonly string[]): boolean {
  if (sources.length === 0) return isMember(filter);
  const named = new Set(filter.sources);
  return sources.some((source) => named.has(source) === (filter.mode === 'include'));
}

const withSources = ({ mode, sources }: SourceFilter, more: readonly string[]): SourceFilter => ({
  mode,
  sources: [...new Set([...sources, ...more])],
});

function withoutSources({ mode, sources }: SourceFilter, fewer: readonly string[]): SourceFilter {
  const gone = new Set(fewer);
  return { mode, sources: sources.filter((source) => !gone.has(source)) };
}
