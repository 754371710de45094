import { join } from 'node:path';
import { describeScenarios } from '../describe-scenarios.ts';

await describeScenarios(join(import.meta.dirname, 'stranger'));
