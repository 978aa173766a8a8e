import { createRequire } from 'node:module';
import { cruise, type ICruiseOptions, type ICruiseResult, type IResolveOptions } from 'dependency-cruiser';

type Rules = {
  readonly forbidden: readonly { readonly name: string }[];
  readonly options: ICruiseOptions & { readonly enhancedResolveOptions: Partial<IResolveOptions> };
};

/** The walls of ARCHITECTURE.md. */
export const RULES = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Rules;

/**
 * What files of a checkout import, and what that imports, as `npm run lint` sees it.
 * @param from files or folders, relative to the checkout
 * @param checked whether the rules are held against it
 */
export async function importGraph(
  checkout: string,
  from: readonly string[],
  { checked = false } = {},
): Promise<ICruiseResult> {
  const { enhancedResolveOptions, tsConfig: _, ...options } = RULES.options;
  const ruleSet = RULES as unknown as NonNullable<ICruiseOptions['ruleSet']>;
  const how = { ...options, baseDir: checkout, ...(checked && { ruleSet, validate: true }) };
  const { output } = await cruise([...from], how, enhancedResolveOptions);
  return output as ICruiseResult;
}
