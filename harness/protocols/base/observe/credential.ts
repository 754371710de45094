/** A user whose password the judge knows, so that it can read what the user sealed. */
export interface Credential {
  /** Without a domain; compared without regard to case. */
  readonly user: string;
  readonly password: string;
}
