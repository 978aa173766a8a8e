/** A place on the map of a model's training spectra, in the units of its axes, which mean nothing by themselves. */
export type MapPoint = { readonly x: number; readonly y: number };
