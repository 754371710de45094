import * as z from 'zod';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import { ARCHITECTURE_WORDS } from '../../protocols/dhcp/wire/architectures.ts';
import { duration, password, userName, word } from './values.ts';

/** Keys of a client that is a program and no VM; checks/played.ts keeps the two kinds apart. */
export const played = {
  plays: word(['wdsnbp']).optional().meta({
    description:
      'a program instead of a VM: wdsnbp acts as a PXE ROM and then as the network boot program of Windows Deployment Services',
  }),
  architecture: word(ARCHITECTURE_WORDS).optional().meta({
    description:
      'architecture that a played client reports (DHCP option 93, and option 250 of its boot program); default bios',
  }),
  presses: word(['f12', 'esc', 'nothing']).optional().meta({
    description:
      'what the user of a played client does at the boot program’s prompt: f12 (default) boots at an opt-in prompt, esc gives up at an opt-out prompt',
  }),
  'polls-for': duration.optional().meta({
    description: 'how long a played client asks for the administrator’s decision; default 30s',
    examples: ['10s'],
  }),
  'deploys-as': z
    .strictObject({
      user: userName.meta({
        description: 'one of services.authentication.users',
        examples: [REFERENCE_LAB.account.name],
      }),
      password: password
        .optional()
        .meta({ description: "default: that user's own; give another one to see the logon refused" }),
    })
    .optional()
    .meta({
      description:
        'a played client continues after its boot program as the deployment client (WDS client) of Windows PE: it asks the control service for its answer file, logs on as this user, lists images and reports an installation, but applies nothing',
      examples: [{ user: REFERENCE_LAB.account.name }],
    }),
};
