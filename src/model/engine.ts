/** Scans packed for a network, row after row. */
export type Batch = {
  readonly size: number;
  readonly mu: Float32Array; // [size, bins]
  readonly mask: Float32Array; // [size, bins]
  readonly element: Float32Array; // [size, elements], one-hot
  /** What the network of site means reads in place of mu and mask. */
  readonly forMeans: { readonly mu: Float32Array; readonly mask: Float32Array };
  /** Standard uncertainty of the energy scale, eV. */
  readonly energySigma: Float32Array; // [size, 1]
};

/** Libraries that execute networks, as settings name them. */
export const ENGINE_NAMES = [
  'onnxruntime',
  'onnxruntime-webgpu',
  'onnxruntime-cuda',
  'tfjs-node',
  'tfjs-node-gpu',
  'tfjs',
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
export type OnnxruntimeName = Extract<EngineName, `onnxruntime${string}`>;

/** What may be asked for: one of them, or the fastest that is here. */
export const ENGINE_CHOICES = ['auto', ...ENGINE_NAMES] as const;

/** What executes a network: outputs by name, row after row. */
export type Engine = {
  readonly name: string;
  run(batch: Batch): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
};
