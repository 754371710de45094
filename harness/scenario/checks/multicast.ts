import { imageChoice } from '../image-choice.ts';
import { capturedBefore } from '../client-order.ts';
import { imagePaths } from '../defaults.ts';
import { receives, sentImage } from '../multicast.ts';
import type { Problem, ScenarioPath } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';
import { comparable } from '../tree.ts';
import { dangling, hasDisk } from './references.ts';

type Client = ScenarioContent['clients'][number];

/** The sender of an image, and the clients whose image comes by multicast, against each other. */
export function checkMulticast(content: ScenarioContent): Problem[] {
  return [
    ...checkSender(content),
    ...content.clients.flatMap((client, index) =>
      receives(client) ? checkReceiver(client, content, ['clients', index, 'agent']) : [],
    ),
  ];
}

function checkSender(content: ScenarioContent): Problem[] {
  const { multicast, images } = content.services;
  const path = ['services', 'multicast'];
  if (multicast === undefined) return [];
  if (images === undefined)
    return [{ path, expected: 'an image store (services.images) beside multicast', got: 'none' }];
  return multicast.image === undefined
    ? []
    : dangling([...path, 'image'], 'image', multicast.image, [
        ...imagePaths(content),
        ...content.clients.flatMap((client) => capturedBefore(client, content.clients)),
      ]);
}

function checkReceiver(client: Client, content: ScenarioContent, path: ScenarioPath): Problem[] {
  const { mode = 'install', image, unattended } = client.agent ?? {};
  const by = [...path, 'by'];
  if (mode !== 'install')
    return [{ path: by, expected: 'mode: install beside by', got: `mode ${mode}, which receives no image` }];
  const sent = sentImage(content);
  if (sent === undefined)
    return content.services.multicast === undefined && content.services.programs === undefined
      ? [{ path: by, expected: 'a sender (services.multicast, or one of programs) beside by: multicast', got: 'none' }]
      : [];
  const wanted = image === undefined ? imagePaths(content)[0] : imageChoice(image).file;
  return [
    ...(unattended === false
      ? [
          {
            path: [...path, 'unattended'],
            expected: 'true beside by: multicast, which sends one image to all',
            got: 'false: a choice of images',
          },
        ]
      : []),
    ...(hasDisk(content, client) ? [] : [{ path: by, expected: 'a client with a disk to receive it on', got: 'none' }]),
    ...(wanted !== undefined && comparable(wanted) !== comparable(sent)
      ? [
          {
            path: image === undefined ? by : [...path, 'image'],
            expected: `the image that is sent (services.multicast.image), ${JSON.stringify(sent)}`,
            got: JSON.stringify(wanted),
          },
        ]
      : []),
  ];
}
