/** Which scans of a topic: those of which all that is said here holds. */
export type Selection = {
  readonly run?: string;
  readonly sample?: string;
  readonly beamline?: string;
  readonly element?: string;
  /** ms since 1970: scans that end from here on, */
  readonly fromMs?: number;
  /** and before this. */
  readonly untilMs?: number;
};

/** Names and end of a scan, as it and its event have them. */
type Selectable = {
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
};

/** @param endedAtMs end of the scan, ms since 1970 */
export function selects(of: Selection, scan: Selectable, endedAtMs: number): boolean {
  return (
    (of.run === undefined || of.run === scan.runId) &&
    (of.sample === undefined || of.sample === scan.sampleId) &&
    (of.beamline === undefined || of.beamline === scan.beamline) &&
    (of.element === undefined || of.element.toLowerCase() === scan.element.toLowerCase()) &&
    (of.fromMs === undefined || endedAtMs >= of.fromMs) &&
    (of.untilMs === undefined || endedAtMs < of.untilMs)
  );
}
