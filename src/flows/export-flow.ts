import type { Clock } from '../common/clock.ts';
import { explain, FatalError, isFatal } from '../common/errors.ts';
import { later } from '../common/offsets.ts';
import type { PartitionFetcher } from '../consumers/partition-fetcher.ts';
import { readPartition } from '../consumers/read-partition.ts';
import type { ExportFolder } from '../exports/export-folder.ts';
import type { ExportedScan, MeasuredScan } from '../exports/exported-scan.ts';
import type { SourceRecord } from '../messages/record.ts';
import { isReject } from '../messages/reject.ts';
import { partialOf, type Scan } from '../messages/scan.ts';
import { plainAbsorption } from '../spectra/absorption.ts';
import { decodeDeadLetter } from '../wire/dead-letter-codec.ts';
import { decodeDescriptors } from '../wire/descriptors-codec.ts';
import type { WireDeadLetter } from '../wire/generated.ts';
import { refusedScans } from '../wire/refused-scans.ts';
import { isTheBrokers, retryAfterMs } from './culprits.ts';
import { rawScans } from './raw-scans.ts';
import type { RecordedScans } from './recorded-scans.ts';
import { type Selection, selects } from './selection.ts';

export type ExportParts = {
  readonly fetcher: PartitionFetcher;
  readonly descriptorsTopic: string;
  readonly deadLettersTopic: string;
  readonly recorded: RecordedScans;
  readonly selection: Selection;
  readonly folder: ExportFolder;
  readonly clock: Clock;
  /** `read` of `all` records of the topics were looked at. */
  readonly onProgress: (read: number, all: number) => void;
};

const MOST_TRIES = 10;

/**
 * Writes the scans that are selected, with what was said of them, to a folder: events and dead letters are read from
 * where the folder stands to where their topics end now, and each scan's record is looked up. A scan of which nothing
 * was said yet is not among them, and neither are previews. Memory holds some megabytes of each topic, and what a part
 * needs.
 */
export async function exportScans(parts: ExportParts): Promise<void> {
  const { fetcher, descriptorsTopic, deadLettersTopic, recorded, selection, folder, clock } = parts;
  const rawScansAt = rawScans(fetcher, recorded);
  const places = await placesOf(fetcher, folder, [descriptorsTopic, deadLettersTopic]);
  const all = places.reduce((sum, { from, end }) => sum + Number(end - from), 0);
  let read = 0;

  async function ofEvent(record: SourceRecord): Promise<readonly ExportedScan[]> {
    const event = decodeDescriptors(record.value!, record.headers);
    if (event.partialOf !== null || !selects(selection, event, event.endedAt)) return [];
    // A record that has no such scan is another one: its topic was made anew.
    const scan = (await rawScansAt(event.source)).find(({ scanId }) => scanId === event.scanId);
    return [{ source: event.source, raw: scan ? measured(scan) : null, event, refused: null }];
  }

  /** Of a record with several scans those that are refused. */
  async function ofDeadLetter(record: SourceRecord): Promise<readonly ExportedScan[]> {
    const letter = decodeDeadLetter(record.value!, record.headers);
    if (letter.scanId === null) return []; // its record is no scan
    const scans = letter.value === null ? await rawScansAt(letter.source) : await scansOf(letter);
    return refusedScans(letter, scans)
      .filter(({ scan }) => partialOf(scan.metadata) === null && selects(selection, scan, scan.endedAtMs))
      .map(({ scan, reason }) => {
        return { source: letter.source, raw: measured(scan), event: null, refused: { ...letter, reason } };
      });
  }

  /** The scans of the record that a dead letter brings along. */
  async function scansOf({ source, key, value, headers }: WireDeadLetter): Promise<readonly Scan[]> {
    const [scans] = await recorded.of([
      {
        ...{ topic: source.topic, partition: source.partition, offset: BigInt(source.offset) },
        ...{ timestampMs: source.timestamp, receivedAtMs: source.timestamp },
        ...{ key, value, headers },
      },
    ]);
    return isReject(scans!) ? [] : scans!;
  }

  async function readOn({ topic, partition, place, from }: Place): Promise<void> {
    let before = later(folder.position(place) ?? from, from);
    await readPartition({
      ...{ fetcher, topic, partition, from: before, nowMs: clock.nowMs, sleep: clock.sleep },
      async onRecords(records, next) {
        for (const record of records) {
          // Whoever tests a topic may have put something else there.
          if (record.value === null || record.value.length === 0) continue;
          const exported = await (topic === descriptorsTopic ? ofEvent(record) : ofDeadLetter(record));
          if (exported.length === 0) continue;
          for (const scan of exported) await folder.add(scan);
          folder.reached(place, record.offset + 1n);
        }
        folder.reached(place, next);
        read += Number(next - before);
        before = next;
        parts.onProgress(Math.min(read, all), all);
      },
    });
  }

  /** A broker that goes away is waited for; after so many tries in vain what is whole is kept all the same. */
  async function readPatiently(place: Place): Promise<void> {
    for (let failed = 0; ; ) {
      const at = folder.position(place.place);
      try {
        return await readOn(place);
      } catch (error) {
        if (isFatal(error) || !isTheBrokers(error)) throw error;
        failed = folder.position(place.place) === at ? failed + 1 : 1;
        if (failed === MOST_TRIES)
          throw new FatalError(
            `Expected the broker to answer; the same call goes on from here: ${explain(error)}`,
          );
        await clock.sleep(retryAfterMs(failed));
      }
    }
  }

  for (const place of places) await readPatiently(place);
  folder.finish();
}

type Place = {
  readonly topic: string;
  readonly partition: number;
  /** Both, by which the folder knows it. */
  readonly place: string;
  readonly from: bigint;
  readonly end: bigint;
};

async function placesOf(fetcher: PartitionFetcher, folder: ExportFolder, topics: readonly string[]) {
  const places: Place[] = [];
  for (const topic of topics) {
    for (const partition of await fetcher.partitions(topic)) {
      const place = `${topic}/${partition}`;
      const [first, end] = await Promise.all([
        fetcher.first(topic, partition),
        fetcher.end(topic, partition),
      ]);
      const at = folder.position(place);
      places.push({ topic, partition, place, from: later(at ?? first, first), end });
    }
  }
  return places;
}

const measured = (scan: Scan): MeasuredScan => ({ scan, absorption: plainAbsorption(scan) });
