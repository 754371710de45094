import type { ProtocolEvent } from '../protocols/events.ts';
import { endText } from '../protocols/base/observe/flow-ends.ts';

/** A bulk transfer as its meter reported it: frames of one conversation, from the first request to the last byte. */
export interface Meter {
  readonly what: string;
  /** `ip:port` of both ends. */
  readonly client: string;
  readonly server: string;
  readonly firstFrame: number;
  readonly lastFrame: number;
}

/** What the meters of a capture counted, by `client>server`. */
export function metersOf(events: readonly ProtocolEvent[]): ReadonlyMap<string, readonly Meter[]> {
  return Map.groupBy(meters(events), ({ client, server }) => `${client}>${server}`);
}

function meters(events: readonly ProtocolEvent[]): Meter[] {
  return events.flatMap((event): Meter[] => {
    switch (event.type) {
      case 'tftp.complete':
      case 'tftp.unfinished': {
        const client = event.transfer.split('>')[0] ?? '';
        return [
          {
            what: `tftp transfer of ${event.filename}`,
            client,
            server: endText(event.server),
            firstFrame: event.figures.firstFrame,
            lastFrame:
              event.type === 'tftp.complete' ? Math.max(event.frame, event.figures.lastFrame) : event.figures.lastFrame,
          },
        ];
      }
      case 'http.complete':
      case 'http.unfinished':
        return [
          {
            what: `http ${event.method} of ${event.path}`,
            ...ends(event.connection),
            firstFrame: event.figures.firstFrame,
            lastFrame: event.figures.lastFrame,
          },
        ];
      case 'smb.close':
      case 'smb.unfinished':
        return event.figures
          ? [
              {
                what: `smb read of ${event.path}`,
                ...ends(event.connection),
                firstFrame: event.figures.firstFrame,
                lastFrame: event.figures.lastFrame,
              },
            ]
          : [];
      case 'smb.write':
        return event.figures
          ? [
              {
                what: `smb write of ${event.path}`,
                ...ends(event.connection),
                firstFrame: event.figures.firstFrame,
                lastFrame: event.figures.lastFrame,
              },
            ]
          : [];
      default:
        return [];
    }
  });
}

function ends(connection: string): Pick<Meter, 'client' | 'server'> {
  const [client = '', server = ''] = connection.split('>');
  return { client, server };
}
