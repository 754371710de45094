import { type Judging, tell } from '../../base/judge/conversations.ts';
import { comparablePath, isImageName } from '../../base/judge/path-names.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import type { SmbEvent } from '../../smb/observe/events.ts';
import type { WimEvent } from '../observe/events.ts';
import { imageMachine } from './machine.ts';
import { uploadMachine } from './upload-machine.ts';

type Event = WimEvent | SmbEvent;
type Route = Judging<Event, 'image' | 'upload'>['route'];

/** One conversation for each image that is read, and one for each that is written, by path. */
export const wimJudging: Judging<Event, 'image' | 'upload'> = {
  machines: {
    image: { logic: imageMachine, input: ({ architecture }) => ({ architecture: architecture() }) },
    upload: { logic: uploadMachine },
  },
  hears: ['wim', 'smb'],
  route: (event, conversations) => [...reading(event, conversations), ...writing(event, conversations)],
};

/** Files that are images by their name, or in which one was seen. */
const reading: Route = (event, conversations): readonly StepDraft[] => {
  switch (event.type) {
    case 'wim.header-written':
      return [];
    case 'smb.first-read':
    case 'smb.close':
    case 'smb.unfinished': {
      const key = comparablePath(event.path);
      return tell(isImageName(key) ? conversations.get('image', key) : conversations.find('image', key), event);
    }
    default:
      return event.type.startsWith('wim.') && 'path' in event
        ? conversations.get('image', comparablePath(event.path)).send(event)
        : [];
  }
};

/** Files that are images by their name, or of which a header was written. */
const writing: Route = (event, conversations): readonly StepDraft[] => {
  switch (event.type) {
    case 'wim.header-written':
      return conversations.get('upload', comparablePath(event.path)).send(event);
    case 'smb.first-write': {
      const key = comparablePath(event.path);
      return tell(isUploadName(key) ? conversations.get('upload', key) : conversations.find('upload', key), event);
    }
    case 'smb.write':
    case 'smb.write-refused':
    case 'smb.rename':
    case 'smb.close':
    case 'smb.unfinished':
      return tell(conversations.find('upload', comparablePath(event.path)), event);
    default:
      return [];
  }
};

/** An image's name, or one that an image has while it is written: `captured.wim.partial`. */
function isUploadName(path: string): boolean {
  return isImageName(path) || isImageName(path.replace(/\.[a-z0-9]+$/, ''));
}
