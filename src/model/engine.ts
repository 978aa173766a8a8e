/** Scans packed for a network, row after row. */
export type Batch = {
  readonly size: number;
  readonly mu: Float32Array; // [size, bins]
  readonly mask: Float32Array; // [size, bins]
  readonly element: Float32Array; // [size, elements], one-hot
};

/** What executes a network: outputs by name, row after row. */
export type Engine = {
  readonly name: string;
  run(batch: Batch): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
};
