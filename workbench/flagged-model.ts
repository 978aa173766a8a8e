import { findNamed } from '../src/bundle/find-model.ts';
import { modelFolder } from '../src/cli/model-folder.ts';
import { readConfig } from '../src/runtime/config.ts';

/**
 * The folder of a model that is read and not changed: one under models/ by its name, any other folder, or name@hash of
 * the registry that MODEL_REGISTRY names.
 * @param flag the option, where it is not --model
 * @throws FatalError where it is not there
 */
export async function flaggedModel(model: string, flag = 'model'): Promise<string> {
  if (!model.includes('@')) return modelFolder(model, flag);
  return (await findNamed(model, readConfig(process.env))).directory;
}
