import { listFlag } from '../list-flag.ts';

/** The option of the commands that read models of a cross-fit, as node:util's parseArgs takes it. */
export const CROSS_FITS_FLAG = { 'cross-fits': { type: 'string' } } as const;

export const CROSS_FITS_HELP = `\
  --cross-fits A,B    the models without a fifth of the materials each that lie in .cache/cross-fit/A and B, such as
                      those of other seeds (default: the model's id)`;

/** Of those that make something for these models, and else for the model and its own cross-fit. */
export const MADE_CROSS_FITS_HELP = `${CROSS_FITS_HELP}; the model itself keeps its own then`;

/**
 * The names, or undefined where the model's own cross-fit is meant.
 * @throws FatalError where a name is empty or there twice
 */
export function crossFitNames(flags: { readonly 'cross-fits'?: string | undefined }): string[] | undefined {
  const text = flags['cross-fits'];
  return text === undefined ? undefined : listFlag('cross-fits', text);
}
