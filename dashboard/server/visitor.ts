/** Who looks at the page. Only an operator may write: annotate, acknowledge, mark a standard. */
export type Role = 'viewer' | 'operator';

export type Visitor = {
  readonly name: string;
  readonly role: Role;
  /** When the session or the token ends, ms since 1970. */
  readonly expiresAtMs: number;
};

export type RoleSettings = {
  /** Claim that holds the roles: a text or a list; within others by dots, as realm_access.roles. */
  readonly claim: string;
  readonly viewers: readonly string[];
  readonly operators: readonly string[];
};

/** The highest role that the claims give; null: none, and whoever it is must stay outside. */
export function roleOf(claims: Readonly<Record<string, unknown>>, settings: RoleSettings): Role | null {
  const held = valuesAt(claims, settings.claim);
  if (held.some((value) => settings.operators.includes(value))) return 'operator';
  return held.some((value) => settings.viewers.includes(value)) ? 'viewer' : null;
}

export const nameOf = (claims: Readonly<Record<string, unknown>>): string =>
  [claims.name, claims.preferred_username, claims.email, claims.sub].find(
    (value) => typeof value === 'string' && value !== '',
  ) as string;

function valuesAt(claims: Readonly<Record<string, unknown>>, path: string): string[] {
  // A name with dots may be one claim, as https://example.org/roles, or lead into others.
  const value = Object.hasOwn(claims, path)
    ? claims[path]
    : path
        .split('.')
        .reduce<unknown>(
          (at, key) =>
            typeof at === 'object' && at !== null && Object.hasOwn(at, key)
              ? (at as Record<string, unknown>)[key]
              : undefined,
          claims,
        );
  return [value].flat().filter((each) => typeof each === 'string');
}
