/** A user whose password the judge was told, so that it can read what the user sealed. */
export interface Credential {
  /** Without a domain; compared without regard to case. */
  readonly user: string;
  readonly password: string;
}
