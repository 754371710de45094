import { basename } from 'node:path';
import { createObserver } from '../observe/observer.ts';
import type { Profile } from '../profiles/profile.ts';
import { ProfileRecorder } from '../profiles/recorder.ts';
import { openCapture } from '../run/open-capture.ts';
import { replayCapture } from '../run/replay/replay.ts';
import { chosenClient } from './record-capture.ts';
import { RecordError } from './record-error.ts';

/**
 * What a capture shows of the programs that one client ran, as profiles; `name` is that of programs that nobody knows.
 * Throws RecordError where the capture shows no such client, and what a replay throws for a capture that cannot be judged.
 */
export async function recordProfiles(
  capture: string,
  { client: wanted, name }: { readonly client?: string | undefined; readonly name: string },
): Promise<readonly Profile[]> {
  const { scenarios } = await replayCapture(capture);
  const client = chosenClient(capture, scenarios[0]?.clients ?? [], wanted);
  const source = await openCapture(capture);
  const recorder = new ProfileRecorder();
  const observer = createObserver({
    linkType: source.linkType,
    isDoubtful: true,
    onEvent: (event) => {
      if (event.client === client.mac) recorder.event(event);
    },
  });
  let lastUs = 0;
  for await (const batch of source.batches())
    for (const frame of batch) {
      lastUs = Math.max(lastUs, frame.atUs);
      observer.advance(frame.atUs);
      observer.frame(frame);
    }
  const profiles = recorder.profiles(basename(capture), name, lastUs);
  if (profiles.length === 0)
    throw new RecordError(
      `${capture}: expected DHCP, TFTP or HTTP of ${client.mac}, from which a profile could be made, got none`,
    );
  return profiles;
}
