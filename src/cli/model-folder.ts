import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FatalError } from '../common/errors.ts';

/**
 * The folder that `--model NAME|DIR` means: one under models/ by its name, or any other.
 * @param flag the option, where it is another
 * @throws FatalError where neither is a model's
 */
export function modelFolder(model: string, flag = 'model'): string {
  const folder = [join('models', model), model].find((each) =>
    ['bundle.json', 'manifest.json'].some((name) => existsSync(join(each, name))),
  );
  if (folder !== undefined) return folder;
  throw new FatalError(
    `Expected --${flag} to name a folder with a bundle.json, or one under models/, got ${model}`,
  );
}
