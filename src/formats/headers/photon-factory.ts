import type { KnownHeader } from './header.ts';

/**
 * The format 9809 of the Photon Factory, SPring-8, SAGA-LS and Aichi SR: angles as they were asked for and as the
 * encoder read them, the time of a point, and counts whose kind the line `Mode` says (1 I0, 2 transmission, 3
 * fluorescence).
 */
export function readPhotonFactoryHeader(lines: readonly string[]): KnownHeader | null {
  if (!/^\s*9809\s+\S/.test(lines[0] ?? '')) return null;
  const at = lines.findIndex((line) => /^\s*Offset\s/i.test(line));
  const modes = lines.find((line) => /^\s*Mode\s/i.test(line));
  const dSpacing = Number(/\bD=\s*([\d.]+)/.exec(lines.slice(0, at).join('\n'))?.[1]);
  if (at < 0 || modes === undefined || !(dSpacing > 0)) return null;
  const detectors = modes.trim().split(/\s+/).slice(3);
  const isSeveral = detectors.filter((mode) => mode === '3').length > 1;
  const seen = new Map<string, number>();
  const columns = detectors.map((mode, i) => {
    const number = (seen.get(mode) ?? 0) + 1;
    seen.set(mode, number);
    if (mode === '1' && number === 1) return 'i0';
    if (mode === '2' && number <= 2) return number === 1 ? 'itrans' : 'irefer';
    if (mode === '3') return isSeveral ? `roi${number}` : 'ifluor';
    return `channel_${i + 1}`;
  });
  return {
    of: 'the Photon Factory',
    columns: ['angle_requested deg', 'angle deg', 'time s', ...columns],
    dSpacing,
    from: at + 1,
  };
}
