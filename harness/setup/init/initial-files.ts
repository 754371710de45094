import { readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { PACKAGE_FOLDER } from '../installation.ts';

/** A file that `pxewright init` makes. */
export interface InitialFile {
  /** Relative to the project's folder. */
  readonly path: string;
  /** What it is for, in a few words. */
  readonly what: string;
  readonly text: string;
}

/** Bundled scenario that a project begins with. */
const FIRST_SCENARIO = 'scenarios/pxe/dhcp-only.yaml';
const SCENARIO = 'scenarios/first-boot.yaml';
const SCHEMA_LINE = /^# yaml-language-server: \$schema=.*$/m;

/** What a project needs to begin with. `schema`: path of the scenario's JSON Schema, from the project's folder. */
export async function initialFiles(schema: string): Promise<InitialFile[]> {
  const scenario = await readFile(join(PACKAGE_FOLDER, FIRST_SCENARIO), 'utf8');
  const fromScenario = posix.join(posix.relative(posix.dirname(SCENARIO), '.'), schema);
  return [
    {
      path: SCENARIO,
      what: 'a scenario; your editor completes its keys',
      text: scenario.replace(SCHEMA_LINE, `# yaml-language-server: $schema=${fromScenario}`),
    },
    { path: 'scenarios.test.ts', what: 'every scenario as a vitest test', text: VITEST_FILE },
    { path: '.github/workflows/boot-tests.yml', what: 'a GitHub workflow', text: GITHUB_WORKFLOW },
    { path: '.gitlab-ci.yml', what: 'a GitLab job', text: GITLAB_JOB },
    { path: '.gitignore', what: 'keeps runs out of git', text: 'node_modules/\nreports/runs/\n.cache/\n' },
  ];
}

/** Path of the scenario's JSON Schema from `folder`: that of the package which the project has, else of this pxewright. */
export function schemaPath(folder: string, projectHasPackage: boolean): string {
  if (projectHasPackage) return 'node_modules/pxewright/scenarios/scenario.schema.json';
  return relative(folder, join(PACKAGE_FOLDER, 'scenarios/scenario.schema.json')).split(sep).join('/');
}

const VITEST_FILE = `import { describeScenarios } from 'pxewright/vitest';

// Each scenario, and each point of its matrix, is a test that boots: npx vitest run scenarios.test.ts
await describeScenarios('scenarios');
`;

const GITHUB_WORKFLOW = `name: Boot tests

on:
  push: { branches: [main] }
  pull_request:

jobs:
  boot:
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-node@v6
        with: { node-version: 24, cache: npm }
      # The kernel packages, boot files and images that VMs boot: built once, then restored.
      - uses: actions/cache@v5
        with:
          path: ~/.cache/pxewright
          key: pxewright-\${{ hashFiles('package-lock.json') }}
      - name: Open KVM, taps and user namespaces to the runner's user
        run: |
          sudo chmod 666 /dev/kvm /dev/net/tun
          sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
      - name: Install
        run: |
          npm ci
          npx pxewright doctor --fix --yes
      - name: Boot
        run: npx pxewright run scenarios --retries 1 --reporter terminal --reporter github
      - uses: actions/upload-artifact@v6
        if: always()
        with: { name: boot-reports, path: reports/runs/latest/ }
`;

const GITLAB_JOB = `# The runner's containers must be privileged: a lab is a set of namespaces, and VMs join it by /dev/net/tun.
# With /dev/kvm in the container (devices = ["/dev/kvm"] in the runner's config.toml) boots take a fraction of the time.
boot-tests:
  image: node:24-trixie
  timeout: 1h
  variables:
    PXEWRIGHT_CACHE: $CI_PROJECT_DIR/.cache/pxewright
  cache:
    key: pxewright
    paths: [.cache/]
  script:
    - npm ci
    - npx pxewright doctor --fix --yes
    - npx pxewright run scenarios --retries 1
  artifacts:
    when: always
    paths: [reports/runs/]
    reports:
      junit: reports/runs/*/junit.xml
`;
