import * as z from 'zod';
import { WDS_CONTROL_PORT } from '../../protocols/wds/wire/ports.ts';
import { WINDOWS_PLATFORMS } from '../../protocols/wim/wire/architectures.ts';
import { controlMisbehaviour } from './misbehaviour.ts';
import { count, flag, ipv4, line, wirePath, word } from './values.ts';

// The WDS control service: how clients list images, log, and ask for answer files.

const port = count(1, 65_535, 'a TCP port');

/** The control service. */
export const control = z
  .strictObject({
    at: ipv4.optional().meta({ description: 'default: where the boot server is' }),
    port: port.optional().meta({ description: `TCP port; default ${WDS_CONTROL_PORT}` }),
    'endpoint-mapper': flag.optional().meta({
      description:
        'true (default): also runs the endpoint mapper on TCP 135; with a domain controller on the same host it serves both',
    }),
    'answer-files': z
      .partialRecord(word(WINDOWS_PLATFORMS), wirePath)
      .optional()
      .meta({
        description:
          "answer file of each architecture, or architecture and firmware, below the share; a computer's own takes precedence",
        examples: [{ x64: 'WdsClientUnattend\\x64.xml' }],
      }),
    'answer-files-override': flag
      .optional()
      .meta({ description: "tells clients that their own answer file takes precedence over the server's" }),
    'log-level': count(0, 3, 'a log level')
      .optional()
      .meta({ description: 'what clients log: 0 nothing, 1 errors, 2 warnings, 3 everything; default 3' }),
    organization: line.optional().meta({ description: 'value of %ORGNAME% in answer files' }),
    'time-zone': line.optional().meta({
      description: 'value of %TIMEZONE% in answer files; default UTC',
      examples: ['W. Europe Standard Time'],
    }),
    'domain-join': z
      .strictObject({
        'new-computers': flag
          .optional()
          .meta({ description: 'true: computers without an account join the domain; default false' }),
        'naming-policy': line.optional().meta({ description: 'names of new computers; default %61Username%#' }),
        'organizational-unit': line
          .optional()
          .meta({ description: 'distinguished name of the container for their accounts' }),
        'prestage-using-mac': flag
          .optional()
          .meta({ description: 'true: their accounts have the MAC address instead of the GUID' }),
        'reset-boot-program': flag
          .optional()
          .meta({ description: 'true: known computers reset their boot program after their installation' }),
      })
      .optional()
      .meta({ description: 'what the service tells computers about joining the domain' }),
    'max-fragment': count(256, 65_535, 'bytes')
      .optional()
      .meta({ description: 'largest fragment of a PDU in bytes; default 5840', examples: [512] }),
    misbehave: controlMisbehaviour.optional(),
  })
  .meta({
    description: 'WDS control service (DCE/RPC): list of images, log, answer files, domain join, driver packages',
  });
