import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { replayCapture } from '../../run/replay/replay.ts';
import { readFacts } from '../read-facts.ts';
import { toYaml } from '../to-yaml.ts';
import { devicesOf } from './devices.ts';
import { LabNetwork } from './lab-network.ts';
import { storeOf } from './store.ts';

// Logons at a domain controller, by captures of smbclient, kinit and adcli against Samba.

/** Accounts, image store, logon and devices of a lab's VM, up to the capture's first failure. */
async function storeIn(capture: string): Promise<unknown> {
  const file = fileURLToPath(new URL(`../../${capture}.pcap`, import.meta.url));
  const { scenarios } = await replayCapture(file);
  const [client] = scenarios[0]?.clients ?? [];
  if (client === undefined) throw new Error(`expected a client in ${file}`);
  const { facts } = await readFacts(file, client);
  const decision = {
    name: 'pc',
    facts,
    network: new LabNetwork(facts),
    failure: client.steps.find(({ verdict }) => verdict === 'failed'),
    misbehaviours: {},
    open: () => undefined,
  };
  const { authentication, images, agent } = storeOf(decision, { folder: './files', ofLab: true }, 'machine', false);
  const devices = devicesOf(decision, { hasAnswerFiles: false, bootsAgent: true });
  return parse(toYaml({ authentication, images, agent, devices }, []));
}

describe('a logon that a domain controller refuses', () => {
  it('for a user whom it does not know: the scenario knows another', async () => {
    expect(await storeIn('observe/testdata/kerberos-refusals')).toMatchObject({
      authentication: {
        kind: 'active-directory',
        domain: 'SYSTEM',
        realm: 'system.lab',
        users: [{ name: 'somebody-else' }],
      },
      // No file server was asked: in a lab the controller is one.
      images: { at: '172.22.52.207' },
      agent: { logon: { user: 'nobody', password: expect.any(String) as unknown, authentication: 'kerberos' } },
    });
  });

  it('for a wrong clock: the account is as it should be', async () => {
    expect(await storeIn('observe/testdata/kerberos-skew')).toMatchObject({
      authentication: { kind: 'active-directory', users: [{ name: 'administrateur' }] },
      agent: { logon: { user: 'administrateur', authentication: 'kerberos' } },
    });
  });
});

it('a computer that logs on with an account of its own is no user, and has joined the domain', async () => {
  const { authentication, devices } = (await storeIn('record/testdata/kerberos-computer')) as Record<string, unknown>;
  expect(JSON.stringify(authentication)).not.toContain('PC01');
  expect(devices).toEqual({ known: [{ client: 'pc', name: 'PC01', join: true }] });
});
