import { FatalError } from '../src/common/errors.ts';

/** @throws FatalError that names the option */
export function wholeNumber(name: string, text: string, least = 1): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw new FatalError(`Expected --${name} to be an integer >= ${least}, got ${text}`);
}

/** @throws FatalError that names the option */
export function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  const range = Number.isFinite(least) ? ` >= ${least}` : '';
  throw new FatalError(`Expected --${name} to be a number${range}, got ${text}`);
}
