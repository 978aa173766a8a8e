import { fixed } from '../report/number-formats.ts';
import type { Epoch } from './epoch.ts';

/** What a person sees of a training run. */
export type Progress = {
  say(line: string): void;
  step(now: { readonly epoch: number; readonly step: number; readonly steps: number }, epochs: number): void;
  epoch(result: Epoch, epochs: number, bestEpoch: number): void;
};

const BAR = 24;

/** A line an epoch; on a terminal also a bar within the epoch. */
export function consoleProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let startedAt: number | null = null;
  let stepsDone = 0;
  let shown = 0;
  const clear = () => stream.isTTY && stream.write('\r\x1b[K');
  const left = (step: number, steps: number, epoch: number, epochs: number): string => {
    const remaining = (epochs - epoch) * steps + steps - step;
    return minutes((((performance.now() - startedAt!) / stepsDone) * remaining) / 1000);
  };
  let remaining = '';
  return {
    say(line) {
      clear();
      stream.write(`${line}\n`);
    },
    step({ epoch, step, steps }, epochs) {
      startedAt ??= performance.now();
      stepsDone++;
      remaining = left(step, steps, epoch, epochs);
      if (!stream.isTTY || performance.now() - shown < 200) return;
      shown = performance.now();
      const filled = Math.round((BAR * step) / steps);
      stream.write(
        `\r\x1b[Kepoch ${epoch}/${epochs} ${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${remaining} left`,
      );
    },
    epoch({ epoch, loss, score, scores }, epochs, bestEpoch) {
      clear();
      const each = Object.entries(scores).map(([name, value]) => `${name} ${fixed(value)}`);
      const validation =
        score === null
          ? ''
          : `  validation ${fixed(score, 4)}${bestEpoch === epoch ? ' (best)' : ''}  ${each.join(' ')}`;
      stream.write(`epoch ${epoch}/${epochs}  loss ${fixed(loss)}${validation}  ${remaining} left\n`);
    },
  };
}

function minutes(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
