import type { BundleName } from './model-name.ts';

/** A bundle of a registry. */
export type ListedBundle = BundleName & {
  /** Folder that it lies in, within the registry. */
  readonly folder: string;
};

/** Where several bundles lie side by side, each in a folder of its own. */
export type Registry = {
  list(): Promise<readonly ListedBundle[]>;
  /**
   * The folder of a bundle on this machine.
   * @throws FatalError where it cannot be had whole
   */
  fetch(bundle: ListedBundle): Promise<string>;
};
