import { sha256 } from '../../src/common/sha256.ts';
import { pythonFloat } from './python-float.ts';

/** energyEv in eV; mu with an edge step of about 1. */
export type Spectrum = { readonly energyEv: readonly number[]; readonly mu: readonly number[] };

/** The two fields of a line that hold its spectrum, as the data sets write them. */
export function spectrumText({ energyEv, mu }: Spectrum): string {
  const list = (values: readonly number[]) => values.map(pythonFloat).join(',');
  return `"energyEv":[${list(energyEv)}],"mu":[${list(mu)}]`;
}

/** A line of labels: the fields of the site, with a checksum where the spectrum was. */
export function withoutSpectrum(line: string): string {
  const [text] = /"energyEv":\[[^\]]*\],"mu":\[[^\]]*\]/.exec(line) ?? [];
  if (text === undefined) throw new RangeError(`Expected energyEv and mu, got ${line.slice(0, 80)}`);
  return line.replace(text, () => `"spectrum":"${checksumOf(text)}"`);
}

/** The line that `withoutSpectrum` made this line of labels from, to the byte; null where the spectrum is another. */
export function withSpectrum(labels: string, spectrum: Spectrum): string | null {
  const text = spectrumText(spectrum);
  const held = `"spectrum":"${checksumOf(text)}"`;
  return labels.includes(held) ? labels.replace(held, () => text) : null;
}

/** Eight hex digits: enough to tell another spectrum, no proof against forgery. */
function checksumOf(text: string): string {
  return sha256(Buffer.from(text)).slice(0, 8);
}
