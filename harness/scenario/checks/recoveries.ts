import { recoversFiles } from '../backups.ts';
import { failureOf } from '../client-order.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { checkChosen } from './backups.ts';

type Client = ScenarioContent['clients'][number];

/** What the agent does not read when it recovers files; it logs on as it does for an installation. */
const OF_IMAGES = ['image', 'by', 'unattended'] as const;

/** Of the 2047 characters of a kernel command line (agent-options.ts); the others are for the logon. */
const MOST_CHARACTERS = 1200;

/** Clients that recover files of a backup, against the store, their disks, and one another. */
export function checkRecoveries(content: ScenarioContent): Problem[] {
  return content.clients.flatMap((client, index) => {
    const path = ['clients', index];
    if (recoversFiles(client)) return checkRecovery(client, content, path);
    return client.agent?.paths === undefined
      ? []
      : [
          {
            path: [...path, 'agent', 'paths'],
            expected: 'mode: recover beside paths',
            got: `mode ${client.agent.mode ?? 'install'}, which does not use it`,
          },
        ];
  });
}

function checkRecovery(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { agent = {}, 'disk-image': image, 'disk-of': other } = client;
  const { images } = content.services;
  const characters = encodeURIComponent((agent.paths ?? []).join('\n')).length;
  return [
    ...OF_IMAGES.flatMap((key) =>
      agent[key] === undefined
        ? []
        : [
            {
              path: [...path, 'agent', key],
              expected: `mode: install or capture beside ${key}`,
              got: 'mode recover, which does not use it',
            },
          ],
    ),
    ...(agent.paths === undefined
      ? [{ path: [...path, 'agent', 'mode'], expected: 'what to recover (agent.paths) beside recover', got: 'none' }]
      : []),
    ...(characters > MOST_CHARACTERS
      ? [
          {
            path: [...path, 'agent', 'paths'],
            expected: `paths that fit on a kernel command line: ${MOST_CHARACTERS} characters, percent-encoded; a folder stands for what is in it`,
            got: `${characters}`,
          },
        ]
      : []),
    ...(image === undefined && other === undefined && failureOf(client, content) === undefined
      ? [
          {
            path: [...path, 'agent', 'mode'],
            expected: 'a client whose disk has a system to recover files into (disk-image or disk-of)',
            got: 'an empty disk',
          },
        ]
      : []),
    // Their absence is told of by what nobody reads without them.
    ...(images === undefined || content.services.backups === undefined ? [] : checkChosen(client, content, path)),
  ];
}
