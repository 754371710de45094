/**
 * Exit codes of every program of ours (harness/docs/design.md, Contracts). Unusable input is what the user gave and can
 * fix: an option, a scenario, a configuration, a capture, a result.json that is cut or altered. A Result of ours that
 * breaks its schema as it is written is a lab error.
 */
export const EXIT = { passed: 0, failed: 1, labError: 2, unusableInput: 3 } as const;
