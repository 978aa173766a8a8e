import { parse, parseAllDocuments } from 'yaml';
import { readText } from './docs/documents.ts';

/** What everybody applies, and what an overlay may add. */
export const BASE = 'deploy/kubernetes/base';
export const FOLDERS = [BASE, 'deploy/kubernetes/jobs'];
export const kustomizationOf = (folder: string) => parse(readText(`${folder}/kustomization.yaml`));

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: typed by the compiler in deploy.test.ts
  readonly spec: any;
};
export const manifests: readonly Manifest[] = FOLDERS.flatMap((folder) =>
  (kustomizationOf(folder).resources as string[]).flatMap((file) =>
    parseAllDocuments(readText(`${folder}/${file}`)).map((document) => document.toJS()),
  ),
);
