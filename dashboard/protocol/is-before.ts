/** Whether an id of the event log lies before another. Both are `ms-sequence`, and compare as numbers, not as text. */
export function isBefore(a: string, b: string): boolean {
  const [ams = 0, aseq = 0] = a.split('-').map(Number);
  const [bms = 0, bseq = 0] = b.split('-').map(Number);
  return ams < bms || (ams === bms && aseq < bseq);
}
