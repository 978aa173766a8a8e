import { basename, dirname, resolve } from 'node:path';

/** Folder and name of a file of sites, and the families taken from it: `cu-feff9-test`, `battery-feff10-sites-val`. */
export function setName(file: string, families?: string): string {
  const name = basename(file).replace(/\.jsonl(\.gz)?$/, '');
  const parts = [basename(dirname(resolve(file))), name, ...(families === undefined ? [] : [families])];
  return parts.join('-').replaceAll(/[^\w.-]+/g, '-');
}
