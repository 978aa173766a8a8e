import { type SiteMeansConfig, siteMeans, siteMeansAnswers } from '../../../src/model/site-means.ts';
import { exportNetwork } from '../export-network.ts';

/** The network as ONNX, the batch of any size, with its parameters in the order in which it asks for them. */
export function exportSiteMeans(config: SiteMeansConfig, weights: ReadonlyMap<string, Float32Array>) {
  const bins = config.offsetsEv.length;
  const inputs = { mu: bins, mask: bins, element: config.elements.length, energySigma: 1 };
  return exportNetwork('site-means', inputs, weights, (ops, input) =>
    siteMeansAnswers(ops, siteMeans(ops, input, config), config),
  );
}
