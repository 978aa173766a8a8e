import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes from the logs of a broker that was killed the marker of each transaction that ended last in one of `topics`,
 * there and among the offsets of groups: what a broker leaves that called it complete without telling its partitions.
 * @param dataFolder `log.dirs` of the broker
 * @returns markers taken out
 */
export function forgetLastMarkers(dataFolder: string, topics: readonly string[]): number {
  const logs = readdirSync(dataFolder)
    .filter((name) => [...topics, '__consumer_offsets'].includes(name.replace(/-\d+$/, '')))
    .map((name) => ({ folder: join(dataFolder, name), isOutput: !name.startsWith('__') }));
  const batchesOf = ({ folder }: { readonly folder: string }) =>
    recordBatches(readFileSync(join(folder, LOG_FILE)));
  const ours = new Set(
    logs.filter(({ isOutput }) => isOutput).flatMap((log) => batchesOf(log).map((batch) => batch.producerId)),
  );
  let taken = 0;
  for (const log of logs) {
    const batches = batchesOf(log);
    const lastMarkers = new Map<bigint, RecordBatch>();
    for (const batch of batches)
      if (batch.isControl && ours.has(batch.producerId)) lastMarkers.set(batch.producerId, batch);
    const forgotten = new Set(lastMarkers.values());
    const kept = batches.filter((batch) => !forgotten.has(batch)).map(({ bytes }) => bytes);
    writeFileSync(join(log.folder, LOG_FILE), Buffer.concat(kept));
    // Made from the log, which is read whole after a kill.
    for (const name of readdirSync(log.folder))
      if (/\.(index|timeindex|txnindex|snapshot)$/.test(name)) rmSync(join(log.folder, name));
    taken += forgotten.size;
  }
  return taken;
}

const LOG_FILE = '00000000000000000000.log';

type RecordBatch = { readonly bytes: Buffer; readonly isControl: boolean; readonly producerId: bigint };

/** https://kafka.apache.org/documentation/#recordbatch */
function recordBatches(log: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + 61 <= log.length; ) {
    const bytes = log.subarray(at, at + 12 + log.readInt32BE(at + 8));
    batches.push({
      bytes,
      isControl: (bytes.readInt16BE(21) & 0x20) !== 0,
      producerId: bytes.readBigInt64BE(43),
    });
    at += bytes.length;
  }
  return batches;
}
