import { systemClock } from '../common/clock.ts';
import { kafkaClient } from '../consumers/kafka-client.ts';
import { partitionFetcher } from '../consumers/partition-fetcher.ts';
import { reachBroker } from '../consumers/reach-broker.ts';
import { makeStandard } from '../files/make-standard.ts';
import { rawScans } from '../flows/raw-scans.ts';
import { recordedScans } from '../flows/recorded-scans.ts';
import { registryOf } from '../knowledge/follow-schemas.ts';
import { isReject } from '../messages/reject.ts';
import type { KnownOfStandard } from '../messages/standard.ts';
import { publishRecords, publishStandards } from '../producers/publish-standards.ts';
import type { Config } from '../runtime/config.ts';
import { kafkaSettings } from '../runtime/kafka-settings.ts';

import type { Logger } from '../runtime/telemetry.ts';
import { encodeAnnotation } from '../wire/annotation-codec.ts';
import type { WireAnnotation, WireDescriptors } from '../wire/generated.ts';

/** What people say on the dashboard, to where it is kept. */
export type SaidByPeople = {
  /** Rejects where the broker does not take it. */
  annotate(annotations: readonly WireAnnotation[]): Promise<void>;
  /**
   * Makes the scan of an event a standard for later ones of its beamline; resolves to its id. Rejects with a sentence
   * where the scan's record is gone, or cannot be one.
   */
  markStandard(
    event: Pick<WireDescriptors, 'scanId' | 'beamline' | 'source'>,
    known: KnownOfStandard,
    validFromMs: number,
  ): Promise<string>;
};

const WITHIN_MS = 5000;

/**
 * A connection for each: people say little, and a dashboard that nobody speaks to needs no broker. ADR 25 says why the
 * dashboard may do this.
 */
export function saidByPeople(config: Config, logger: Logger): SaidByPeople {
  const settings = kafkaSettings(config, logger);
  return {
    async annotate(annotations) {
      await reachBroker(settings, [config.TOPIC_ANNOTATIONS], { withinMs: WITHIN_MS });
      await publishRecords(
        kafkaClient(settings),
        config.TOPIC_ANNOTATIONS,
        annotations.map(encodeAnnotation),
      );
    },
    async markStandard({ scanId, beamline, source }, known, validFromMs) {
      await reachBroker(settings, [config.TOPIC_STANDARDS, source.topic], { withinMs: WITHIN_MS });
      const kafka = kafkaClient(settings);
      const fetcher = partitionFetcher(kafka, systemClock.nowMs);
      const recorded = recordedScans({
        ...{ registry: registryOf(config), waitMs: WITHIN_MS },
        ...{ clock: systemClock, logger },
      });
      try {
        const scan = (await rawScans(fetcher, recorded)(source)).find((each) => each.scanId === scanId);
        if (!scan) throw new Error('Its record is no longer in Kafka');
        const fields = { beamline, known, validFromMs, validUntilMs: null };
        const standard = makeStandard({ scan, candidates: [scan] }, fields, () => scan); // it was read: it has an event
        if (isReject(standard)) throw new Error(standard.detail);
        await publishStandards(kafka, config.TOPIC_STANDARDS, [standard]);
        return standard.standardId;
      } finally {
        recorded.close();
        await fetcher.close();
      }
    },
  };
}
