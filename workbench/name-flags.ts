import { FatalError } from '../src/common/errors.ts';
import { listFlag } from './list-flag.ts';

/**
 * An option that is one of some known names.
 * @throws FatalError that names the option
 */
export function nameFlag<Name extends string>(flag: string, text: string, known: readonly Name[]): Name {
  const name = known.find((each) => each === text);
  if (name !== undefined) return name;
  throw new FatalError(`Expected --${flag} to be of ${known.join(', ')}, got ${text}`);
}

/**
 * The same of several names by commas.
 * @throws FatalError that names the option and the first name that is not known, or is empty or there twice
 */
export function nameFlags<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  return listFlag(flag, text).map((name) => nameFlag(flag, name, known));
}
