import { DESCRIPTORS } from '../../src/messages/descriptor-names.ts';
import type { Site } from '../data/dataset.ts';
import { FOLDS } from '../data/folds.ts';
import { majorityMetrics } from '../evaluation/metrics.ts';
import { mean } from '../report/statistics.ts';
import { LEARNED, type Learned } from './oxygen-sites.ts';
import type { Reading } from './reading.ts';

/** No model: the most frequent class of the other families, or their mean. */
export function constantReadings(sites: readonly Site[]): Reading[] {
  return FOLDS.flatMap(({ fold, held, others }) => {
    const values = Object.fromEntries(LEARNED.map((name) => [name, commonest(name, others(sites))]));
    return held(sites).map((site) => ({ site, fold, values, confidences: {} }));
  });
}

function commonest(name: Learned, sites: readonly Site[]): number {
  const labels = sites.flatMap(({ labels }) => labels[name] ?? []);
  return DESCRIPTORS[name].kind === 'class' ? majorityMetrics(labels).majority : mean(labels);
}
