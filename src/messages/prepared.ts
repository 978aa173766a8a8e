/** The model's energy axis. Bin i of an element lies at referenceEv[element] + offsetsEv[i] on the theory scale. */
export type EnergyGrid = {
  readonly offsetsEv: Float64Array; // [bins], strictly increasing
  /** A scan must be measured over this part of the axis; elsewhere its bins may be masked. */
  readonly requiredFromEv: number;
  readonly requiredToEv: number;
};

/** What the model knows of one absorber: where its axis lies and how other energy scales map to it. */
export type ElementReference = {
  readonly element: string;
  readonly edge: string;
  /** eV at which the grid has offset 0, on the theory scale of the training spectra. */
  readonly referenceEv: number;
  /** eV to add to an energy of the named scale to get the theory scale; `measured` is the default scale of a scan. */
  readonly shiftsEv: Readonly<Record<string, number>>;
  /** Tabulated edge energy of the metal on a calibrated monochromator; a reference foil is moved here. */
  readonly foilE0Ev: number;
  /**
   * eV to add to a measured scan besides, before the network of site means reads it: where that reads measured samples
   * of known state best, which is not where their spectra look most like computed ones.
   */
  readonly meansShiftEv?: number;
  /** Standard uncertainty of the shift from calculation to measurement, eV. */
  readonly shiftSigmaEv?: number;
};

export type NoiseEstimate = {
  /** Standard deviation of one point of the normalised scan, before and after the edge. */
  readonly preEdge: number;
  readonly postEdge: number;
  /** The figure that the gate uses: the larger of the two that could be had. */
  readonly sigma: number;
  readonly method: 'residual' | 'counting';
};

/** What was done to a scan, with its numbers, so that a reader can audit it. */
export type Preparation = {
  readonly e0Ev: number;
  readonly edgeStep: number;
  /** eV added to the scan's energies to reach the theory scale of the model. */
  readonly energyShiftEv: number;
  /**
   * `reference-foil`: this scan's own foil; `standard-foil`: the foil that was measured at the beamline by itself;
   * `table`: the element's fitted shift alone.
   */
  readonly energyShiftSource: 'reference-foil' | 'standard-foil' | 'table';
  readonly energyScale: string;
  /** Standard uncertainty of the scan's energies on the model's scale, eV. */
  readonly energySigmaEv: number;
  readonly preEdgeRangeEv: readonly [number, number] | null;
  readonly postEdgeRangeEv: readonly [number, number] | null;
  readonly postEdgeDegree: number;
  readonly coveredFromEv: number;
  readonly coveredToEv: number;
  readonly noise: NoiseEstimate;
  /** Whether there is noise of which neighbouring points are alike, so that `noise` says too little. */
  readonly hasCorrelatedNoise: boolean;
};

/** The model's input for one scan: normalised mu on the grid, and which bins were measured. */
export type ModelInput = {
  readonly element: string;
  readonly edge: string;
  readonly mu: Float32Array; // [bins], 0 where not measured
  readonly mask: Float32Array; // [bins], 1 measured, 0 not
  /** Standard uncertainty of the energy scale, eV; EXACT_SCALE_EV where it is not given. */
  readonly energySigmaEv?: number;
  /** For the network of site means, where that reads the scan at other energies; else the same. */
  readonly forMeans?: { readonly mu: Float32Array; readonly mask: Float32Array };
};

/** What the network is told of a scale that is not in question. */
export const EXACT_SCALE_EV = 0.2;

export type Prepared = {
  readonly input: ModelInput;
  readonly preparation: Preparation;
  /** The normalised scan for people, on its own (shifted) energies. */
  readonly spectrum: { readonly energyEv: Float32Array; readonly mu: Float32Array };
  /** What had to be mended before the scan could be read, a sentence each. */
  readonly notes: readonly string[];
};

/** What the gate looks at of a prepared scan. */
export type GateInput = Pick<Prepared, 'input' | 'preparation'>;
