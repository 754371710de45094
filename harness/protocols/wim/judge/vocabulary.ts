import { LOADING_CAUSES } from '../../base/judge/loading-words.ts';
import { LOGON_CAUSES, WRITE_CAUSES, NTSTATUS_DETAIL } from '../../base/judge/windows-words.ts';
import { SMB } from '../../smb/judge/vocabulary.ts';
import type { Causes, Steps, Waits } from '../../base/judge/vocabulary.ts';

/** The words of this room. */
export const WIM = {
  steps: {
    'smb.error': SMB.steps['smb.error'],
    'image.header': {
      about: 'the client reads the header of a WIM, which is consistent in itself and with the file',
      details: {
        path: 'string',
        images: 'number',
        bootIndex: 'number',
        endOfFile: 'number',
        part: 'number',
        parts: 'number',
      },
    },
    'image.tail': {
      about:
        'the client reads the XML at the end of a WIM, which lists as many images as the header says, for the architecture of its folder and of the client',
      details: {
        path: 'string',
        images: ['string', 'their names, joined by commas'],
        architecture: ['string', 'architecture of all images'],
        bytes: 'number',
      },
    },
    'image.transfer': {
      about:
        'the client reads a whole image (all opens together, each byte counted once), or all that one image of a group needs',
      details: {
        path: 'string',
        bytes: 'number',
        distinctBytes: 'number',
        endOfFile: 'number',
        whole: 'boolean',
        ownBytes: ['number', 'of the image’s own file'],
        sharedBytes: ['number', 'of Res.rwm'],
        sharedPath: 'string',
      },
    },
    'image.upload': {
      about:
        'the client writes a whole image to the share, with its final header and under its final name; failed when a write or the rename was refused, or the file was never closed',
      creates: true,
      details: {
        path: 'string',
        writtenAs: 'string',
        share: 'string',
        bytes: 'number',
        images: 'number',
        status: NTSTATUS_DETAIL,
      },
    },
  },
  causes: {
    'image-truncated': SMB.causes['image-truncated'],
    'transfer-stalled': LOADING_CAUSES['transfer-stalled'],
    'access-denied': LOGON_CAUSES['access-denied'],
    ...WRITE_CAUSES,
    'image-damaged': {
      why: 'the image contradicts its own header: verify the file (pxewright images verify) and copy it again',
    },
    'image-wrong-architecture': {
      why: 'the image is for a processor other than that of its folder or of this client: offer the client an image of its own architecture',
    },
    'image-never-read': {
      why: 'the client found the share and did not read the image',
      ownWords: true,
    },
    'upload-cut-short': {
      why: 'the upload ended before the image was whole, and an incomplete image may be on the share under its temporary name',
      ownWords: true,
    },
  },
  waits: {
    image: { ms: 420_000, about: 'The image itself: 4 GiB at 10 MB/s.' },
  },
} as const satisfies { readonly steps: Steps; readonly causes: Causes; readonly waits: Waits };
