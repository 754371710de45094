import { directoryOf } from '../defaults.ts';
import type { Problem } from '../scenario-error.ts';
import type { ScenarioContent } from '../schema/scenario.ts';

const ONLY_A_DIRECTORY_HAS = ['at', 'realm'] as const;
const ONLY_A_DIRECTORY_KNOWS = ['locked', 'expired', 'administrator'] as const;

/** What only a domain has against scenarios without one, and the image store against its controller. */
export function checkDirectory(content: ScenarioContent): Problem[] {
  const { authentication, images } = content.services;
  const directory = directoryOf(content);
  const path = ['services', 'authentication'];
  if (directory) {
    const elsewhere = images?.at !== undefined && images.at !== directory.address;
    return elsewhere
      ? [
          {
            path: ['services', 'images', 'at'],
            expected: `the domain controller's address, ${directory.address}, which the shares are on`,
            got: images.at ?? '',
          },
        ]
      : [];
  }
  const expected = 'kind: active-directory with it';
  const got = 'a standalone file server, which does not use it';
  return [
    ...ONLY_A_DIRECTORY_HAS.filter((key) => authentication?.[key] !== undefined).map(
      (key): Problem => ({ path: [...path, key], expected, got }),
    ),
    ...(authentication?.users ?? []).flatMap((user, index) =>
      ONLY_A_DIRECTORY_KNOWS.filter((key) => user[key] !== undefined).map(
        (key): Problem => ({ path: [...path, 'users', index, key], expected, got }),
      ),
    ),
    ...content.clients.flatMap(({ agent }, index): Problem[] =>
      agent?.logon?.authentication === 'kerberos'
        ? [
            {
              path: ['clients', index, 'agent', 'logon', 'authentication'],
              expected: 'services.authentication with kind: active-directory, which issues tickets',
              got,
            },
          ]
        : [],
    ),
    ...(content.after?.joined === true
      ? [
          {
            path: ['after', 'joined'],
            expected: 'services.authentication with kind: active-directory, which has computer accounts',
            got,
          },
        ]
      : []),
  ];
}
