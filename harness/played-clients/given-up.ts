/** A played client gave up, as a real one would: what it wanted, and what firmware prints for that. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}
