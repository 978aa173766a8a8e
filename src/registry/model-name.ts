import { FatalError } from '../common/errors.ts';

/** Hexadecimal digits of a hash that tell models of one name apart. */
const LEAST_DIGITS = 8;

/** A model as an operator names it: name@hash, of the hash as many digits as are given. */
export type ModelName = { readonly id: string; readonly hashStart: string };

/** A bundle's own name, and its identity: sha256 of its bundle.json, 64 hexadecimal digits. */
export type BundleName = { readonly id: string; readonly hash: string };

/** @throws FatalError where it is no such name */
export function parseModelName(text: string): ModelName {
  const [, id, hashStart] = /^([^\s@]+)@([0-9a-f]+)$/i.exec(text.trim()) ?? [];
  if (id === undefined || hashStart === undefined || hashStart.length < LEAST_DIGITS || hashStart.length > 64)
    throw new FatalError(
      `Expected a model as name@hash, with ${LEAST_DIGITS} to 64 hexadecimal digits of its hash, got ${JSON.stringify(text.slice(0, 200))}`,
    );
  return { id, hashStart: hashStart.toLowerCase() };
}

export const isNamed = ({ id, hashStart }: ModelName, bundle: BundleName): boolean =>
  bundle.id === id && bundle.hash.startsWith(hashStart);

/**
 * The one bundle that is named. The same bundle in two folders is one.
 * @throws FatalError that lists what is there, where none is of that name or several are
 */
export function chooseBundle<Listed extends BundleName>(
  name: ModelName,
  listed: readonly Listed[],
  registry: string,
): Listed {
  const named = listed.filter((bundle) => isNamed(name, bundle));
  const [first] = named;
  if (first !== undefined && named.every(({ hash }) => hash === first.hash)) return first;
  const there = named.length > 0 ? named : listed;
  const got = named.length > 0 ? `${named.length} of them` : 'none';
  throw new FatalError(
    `Expected one model ${name.id}@${name.hashStart} in ${registry}, got ${got}; there: ${namesOf(there)}`,
  );
}

const namesOf = (bundles: readonly BundleName[]): string =>
  [...new Set(bundles.map(({ id, hash }) => `${id}@${hash}`))].sort().join(', ') || 'nothing';
