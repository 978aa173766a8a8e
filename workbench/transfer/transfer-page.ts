/** docs/tables/transfer.md: what the sections have in common stands before them. */
export function transferPage(sections: readonly string[]): string {
  const head = `# Other calculations, other elements, few labels

Made by \`npm run workbench -- transfer\`; its --help tells how the models were trained that it starts from.
Noise-free spectra, plain predictions; weighted F1 of classes, R2 of NNRS, MOOD and NNOSM.
`;
  return [head, ...sections].join('\n');
}
