import { chooseThreshold } from '../calibration/choose-threshold.ts';
import { RULES } from '../calibration/judge-elements.ts';
import { FOLDS } from '../data/folds.ts';
import type { Learned } from './oxygen-sites.ts';
import { isRight, type Reading } from './reading.ts';

/** Sites with a label, those that are let pass, and how many of these are right. */
export type Accepted = { readonly sites: number; readonly accepted: number; readonly right: number };

/**
 * What the gate's rule lets pass: of each fold what is at least as confident as the threshold at which the other folds
 * show the accuracy target, by the bound that the gate uses. So neither the network nor the threshold has seen the
 * family.
 */
export function acceptedOf(name: Learned, readings: readonly Reading[]): Accepted {
  const judged = readings.flatMap((reading) => {
    const right = isRight(name, reading);
    const confidence = reading.confidences[name] ?? 0;
    return right === null ? [] : [{ fold: reading.fold, site: reading.site.id, confidence, right }];
  });
  const passed = FOLDS.flatMap(({ fold }) => {
    const others = judged.filter((each) => each.fold !== fold);
    const threshold = chooseThreshold(others, RULES.accuracy, RULES.confidence, RULES.leastConfidence);
    return judged.filter((each) => each.fold === fold && threshold !== null && each.confidence >= threshold);
  });
  return {
    sites: judged.length,
    accepted: passed.length,
    right: passed.filter(({ right }) => right).length,
  };
}
