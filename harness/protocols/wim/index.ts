import { defineProtocol } from '../protocol.ts';
import type { SmbEvent } from '../smb/observe/events.ts';
import { wimJudging } from './judge/route.ts';
import { WIM } from './judge/vocabulary.ts';
import type { WimEvent } from './observe/events.ts';
import { WimFiles } from './observe/files.ts';

export const wim = defineProtocol<WimEvent, WimEvent | SmbEvent>()({
  name: 'wim',
  about: 'Windows Imaging files, as they are read and written over a file protocol',
  // An image is read over SMB; it is for a processor, and DHCP says which one the client has.
  over: ['smb', 'ntlm', 'kerberos', 'tcp', 'dhcp'],
  events: {
    'wim.header': 'the header of an image was read',
    'wim.tail': 'the list of images at its end was read',
    'wim.damaged': 'a file with the name of an image does not decode',
    'wim.set-read': 'a part with shared data was closed: what was read for an image so far',
    'wim.header-written': 'the header of an image was written',
  },
  words: WIM,
  files: (client) => new WimFiles(client),
  judge: wimJudging,
  boot: {
    speaker: 'system',
    means: ({ step }) =>
      (({ 'image.header': 'image-found', 'image.transfer': 'image-read', 'image.upload': 'image-written' }) as const)[
        step
      ],
    begins: { image: ({ machine }) => machine === 'image', capture: ({ step }) => step === 'image.upload' },
    ends: { image: ({ step }) => step === 'image.transfer', capture: ({ step }) => step === 'image.upload' },
  },
});
