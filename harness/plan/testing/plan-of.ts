import { expect } from 'vitest';
import { overrideMatrix, type MatrixOverrides } from '../../scenario/matrix/override-matrix.ts';
import { parseScenario } from '../../scenario/testing/parse-scenario.ts';
import type { Plan } from '../plan.ts';
import { planScenarios } from '../scenarios.ts';
import type { ServiceKind, ServicePlan } from '../services/service-plan.ts';
import { takenConfig } from './taken-config.ts';

/** The plans of a scenario in YAML; each configuration is one that its service takes. */
export function plans(
  yaml: string,
  matrix: MatrixOverrides = {},
  file = 'scenarios/wds/x.yaml',
  folder = '/home/somebody/scenarios/wds',
): readonly Plan[] {
  const all = planScenarios(overrideMatrix(parseScenario(yaml, file, folder).scenario, matrix));
  // Whatever is planned, a service takes.
  for (const service of all.flatMap(({ services }) => services))
    expect(() => takenConfig(service), service.kind).not.toThrow();
  return all;
}

/** The plan of one client with these services. */
export function plan(services: string, client = 'name: pc', more = ''): Plan {
  const [first] = plans(`name: x\nservices: ${services}\nclients: [{ ${client} }]\n${more}`);
  if (first === undefined) throw new Error('expected a plan');
  return first;
}

/** What a service of that kind gets as its configuration. */
export const config = (plan: Plan, kind: ServiceKind): ServicePlan['config'] | undefined =>
  plan.services.find((service) => service.kind === kind)?.config;
