import { z } from 'zod';
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
        'whether the endpoint mapper on TCP 135 is there, too; default true; beside a domain controller on the same host it leads to the services of both',
    }),
    'answer-files': z
      .partialRecord(word(WINDOWS_PLATFORMS), wirePath)
      .optional()
      .meta({
        description:
          "answer file of each architecture, or architecture and firmware, below the share; a computer's own goes first",
        examples: [{ x64: 'WdsClientUnattend\\x64.xml' }],
      }),
    'answer-files-override': flag
      .optional()
      .meta({ description: "tells clients that an answer file of their own goes before the server's" }),
    'log-level': count(0, 3, 'a log level')
      .optional()
      .meta({ description: 'what clients shall log: 0 nothing, 1 errors, 2 warnings, 3 everything; default 3' }),
    organization: line.optional().meta({ description: 'what answer files get for %ORGNAME%' }),
    'time-zone': line.optional().meta({
      description: 'what answer files get for %TIMEZONE%; default UTC',
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
          .meta({ description: 'where their accounts are made, as distinguished name' }),
        'prestage-using-mac': flag
          .optional()
          .meta({ description: 'their accounts are known by MAC address instead of GUID' }),
        'reset-boot-program': flag
          .optional()
          .meta({ description: 'known computers reset their boot program when they are installed' }),
      })
      .optional()
      .meta({ description: 'what computers are told about joining the domain' }),
    'max-fragment': count(256, 65_535, 'bytes')
      .optional()
      .meta({ description: 'largest fragment of a PDU in bytes; default 5840', examples: [512] }),
    misbehave: controlMisbehaviour.optional(),
  })
  .meta({
    description: 'WDS control service (DCE/RPC): list of images, log, answer files, domain join, driver packages',
  });
