import { parseFlags } from '../src/cli/parse-flags.ts';
import { isReject } from '../src/messages/reject.ts';
import type { Scan } from '../src/messages/scan.ts';
import { makePrepare } from '../src/spectra/prepare.ts';

const HELP = `Time to prepare one transmission scan of 400 points, without its reference foil and with it, -80 to
+250 eV about an edge: the whole way from channels to the model's input, best of sixty short rounds, since others may
use the machine.

  node --import tsx bench/preparation.ts [--help]`;

const POINTS = 400;
const SCANS = 200;
const ROUNDS = 60;
const EDGE_EV = 7709;

const offsetsEv = Float64Array.from(
  { length: 160 },
  (_, i) => -10 + 140 * (0.4 * (i / 159) + 0.6 * (i / 159) ** 2),
);
const prepare = makePrepare({
  grid: { offsetsEv, requiredFromEv: -7, requiredToEv: 18 },
  references: [
    { element: 'Co', edge: 'K', referenceEv: EDGE_EV + 12, shiftsEv: { measured: 2 }, foilE0Ev: EDGE_EV },
  ],
});

if (parseFlags({ options: { help: { type: 'boolean', default: false } } }).values.help) console.log(HELP);
else {
  const withoutFoil = scan(false);
  const withFoil = scan(true);
  console.log(`prepare, ${POINTS} points, transmission: ${best(withoutFoil).toFixed(1)} us`);
  console.log(`prepare, ${POINTS} points, transmission and foil: ${best(withFoil).toFixed(1)} us`);
}

function best(one: Scan): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < SCANS; i += 1) {
      const prepared = prepare(one);
      if (isReject(prepared)) throw new Error(prepared.detail);
    }
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - started) / 1e3 / SCANS);
  }
  return fastest;
}

function scan(foil: boolean): Scan {
  const energyEv = Float64Array.from({ length: POINTS }, (_, i) => {
    return i < 30
      ? EDGE_EV - 80 + 2 * i
      : i < 270
        ? EDGE_EV - 20 + 0.25 * (i - 30)
        : EDGE_EV + 40 + 1.6 * (i - 270);
  });
  const wiggle = (i: number): number => 0.002 * Math.sin(12.9898 * i + 78.233 * ((i * i) % 17));
  const edge = (energy: number, at: number): number => 0.5 + Math.atan((energy - at) / 1.3) / Math.PI;
  const i0 = Float64Array.from(energyEv, (_, i) => 1e6 * (1 + wiggle(i)));
  const it = i0.map(
    (intensity, i) => intensity * Math.exp(-0.5 - 1.2 * edge(energyEv[i]!, EDGE_EV + 9) - wiggle(i + 7)),
  );
  const iReference = it.map((intensity, i) => intensity * Math.exp(-edge(energyEv[i]!, EDGE_EV + 0.5)));
  return {
    scanId: 'bench',
    runId: 'bench',
    sampleId: 'bench',
    beamline: '',
    element: 'Co',
    edge: 'K',
    mode: 'TRANSMISSION',
    energyEv,
    mu: null,
    i0,
    it,
    if: null,
    muReference: null,
    iReference: foil ? iReference : null,
    muSigma: null,
    startedAtMs: 0,
    endedAtMs: 0,
    sequence: 0,
    origin: 'REPLAY',
    metadata: {},
  };
}
