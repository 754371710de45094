import { expect, it } from 'vitest';
import { parseScenario } from '../../scenario/testing/parse-scenario.ts';
import { planScenarios } from '../scenarios.ts';
import { takenConfig } from '../testing/taken-config.ts';

function configOf(services: string): unknown {
  const [plan] = planScenarios(
    parseScenario(`name: x\nservices: ${services}\nclients: [{ name: pc }]`, 'x.yaml', '/home/somebody').scenario,
  );
  const control = plan?.services.find(({ kind }) => kind === 'control');
  return control && takenConfig(control);
}

it('is where the boot server is, with the users of the scenario and the tree that clients see', () => {
  expect(
    configOf(
      '{ tftp: {}, images: { share: RemInst }, control: {}, authentication: { domain: LAB, users: [{ name: bob, password: secret }] } }',
    ),
  ).toMatchObject({
    address: '172.22.52.207',
    port: 5040,
    endpointMapper: true,
    domain: 'LAB',
    accounts: [{ name: 'bob', password: 'secret' }],
    root: '/run/lab/reminst',
    share: 'RemInst',
    state: '/run/lab/state',
    logLevel: 3,
    misbehave: {},
  });
  expect(configOf('{ tftp: {}, control: {} }')).not.toHaveProperty('root');
});

it('has port 135 beside a domain controller, whose ports it knows', () => {
  const services = (at: string): string =>
    `{ tftp: {}, images: {}, authentication: { kind: active-directory, users: [{ name: bob, password: secret, locked: true }] }, control: { ${at} } }`;
  expect(configOf(services(''))).toMatchObject({
    endpointMapper: true,
    neighbourPorts: [49_152, 49_153],
    accounts: [{ name: 'bob', locked: true }],
  });
  expect(configOf(services('at: 172.22.52.9'))).toMatchObject({ endpointMapper: true, neighbourPorts: [] });
});

it('hands every key over', () => {
  expect(
    configOf(`{ tftp: {}, images: {}, control: { at: 172.22.52.9, port: 5041, endpoint-mapper: false, answer-files: { x64-uefi: 'a\\b.xml' }, answer-files-override: true, log-level: 1, organization: Lab, time-zone: UTC, max-fragment: 512,
      domain-join: { new-computers: true, naming-policy: 'PC%03#', organizational-unit: 'OU=x', prestage-using-mac: true, reset-boot-program: true },
      misbehave: { refuse-bind: 1, faults: { LOG_INIT: 5 }, errors: { IMG_ENUMERATE: 1168 }, delay: 2s, drop-after-auth3: true } } }`),
  ).toMatchObject({
    address: '172.22.52.9',
    port: 5041,
    endpointMapper: false,
    unattend: { files: { 'x64-uefi': String.raw`a\b.xml` }, override: true },
    logLevel: 1,
    organization: 'Lab',
    timeZone: 'UTC',
    maxFragment: 512,
    domainJoin: {
      newComputers: true,
      namingPolicy: 'PC%03#',
      organizationalUnit: 'OU=x',
      prestageUsingMac: true,
      resetBootProgram: true,
    },
    misbehave: {
      'refuse-bind': 1,
      faults: { LOG_INIT: 5 },
      errors: { IMG_ENUMERATE: 1168 },
      delay: 2000,
      'drop-after-auth3': true,
    },
  });
});

it('says what an unknown operation or key should have been', () => {
  expect(() => configOf('{ tftp: {}, control: { misbehave: { faults: { LOG_INT: 5 } } } }')).toThrow(
    /LOG_INT.*LOG_INIT/s,
  );
  expect(() => configOf('{ tftp: {}, control: { prot: 1 } }')).toThrow(/did you mean "port"/);
});
