/** Flags that say what files of columns measured and which column is which, as `readScanFiles` takes them. */
export const SCAN_FILE_FLAGS = {
  element: { type: 'string' },
  edge: { type: 'string' },
  energy: { type: 'string' },
  i0: { type: 'string' },
  it: { type: 'string' },
  if: { type: 'string' },
  mu: { type: 'string' },
  reference: { type: 'string' },
} as const;
