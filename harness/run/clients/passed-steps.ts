/** Steps that the clients of a lab have passed, for who waits for one of them. */
export interface PassedSteps {
  readonly note: (client: string, step: string) => void;
  /** Resolves when the client has passed such a step, at once if it has already. */
  readonly untilPassed: (client: string, step: string) => Promise<void>;
}

export function passedSteps(): PassedSteps {
  const known = new Map<string, PromiseWithResolvers<undefined>>();
  const of = (client: string, step: string): PromiseWithResolvers<undefined> => {
    const key = JSON.stringify([client, step]);
    const one = known.get(key) ?? Promise.withResolvers<undefined>();
    known.set(key, one);
    return one;
  };
  return {
    note: (client, step) => of(client, step).resolve(undefined),
    untilPassed: (client, step) => of(client, step).promise,
  };
}
