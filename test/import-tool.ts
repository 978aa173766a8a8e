import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a tool exports. Tools run before anything is installed, as plain JavaScript without types. */
export const importTool = <Exports>(name: string): Promise<Exports> =>
  import(pathToFileURL(join(import.meta.dirname, `../tools/${name}.mjs`)).href);
