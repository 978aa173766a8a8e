import { FatalError } from '../src/common/errors.ts';

/**
 * The values of an option that takes several, separated by commas; blanks around them do not count.
 * @throws FatalError that names the option, where a value is empty or there twice
 */
export function listFlag(flag: string, text: string): string[] {
  const values = text.split(',').map((value) => value.trim());
  if (values.includes(''))
    throw new FatalError(
      `Expected --${flag} to be values separated by commas, got ${JSON.stringify(text)}: leave out the empty one`,
    );
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice !== undefined)
    throw new FatalError(`Expected --${flag} to have each value once, got ${twice} twice: leave out one`);
  return values;
}
