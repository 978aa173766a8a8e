import { parseArgs } from 'node:util';
import { makeGate } from '../src/gating/gate.ts';
import { readGateTable } from '../src/gating/gate-table.ts';
import { DESCRIPTOR_NAMES, type DescriptorName } from '../src/messages/descriptor-names.ts';
import type { Judgement } from '../src/messages/judgement.ts';
import { isReject } from '../src/messages/reject.ts';
import { readSites, type Site } from '../src/model/dataset.ts';
import { loadModel } from '../src/model/load-model.ts';
import { seededRandom } from '../src/model/random.ts';
import { makePrepare } from '../src/spectra/prepare.ts';
import { scanOfSite } from './gate/observe.ts';

const HELP = `What the gate lets pass, and how often that is right, on spectra with known labels and added noise.

  node --import tsx scripts/evaluate-gate.ts [options]

  --data FILE     sites as JSON lines (default: ../shared/data/cu-feff9/test.jsonl.gz)
  --weights DIR   the model and its gate table (default: weights/spt)
  --noise LIST    sigmas (default: 0,0.01,0.02,0.05,0.1)
  --draws N       noisy copies of each spectrum (default: 3)
  --seed N        of the noise (default: 7)
  --json
  --help

Sites whose labels were decoded instead of established are left out. A real counts as right within the tolerance of the
gate table. "within" is the share of all true values inside their intervals, accepted or not.`;

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/cu-feff9/test.jsonl.gz' },
    weights: { type: 'string', default: 'weights/spt' },
    noise: { type: 'string', default: '0,0.01,0.02,0.05,0.1' },
    draws: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (flags.help) console.log(HELP);
else await evaluate();

async function evaluate(): Promise<void> {
  const model = await loadModel({ directory: flags.weights, engine: 'auto' });
  const calibration = readGateTable(flags.weights, model.identity.hash);
  const { table } = calibration;
  const prepare = makePrepare(model.manifest);
  const gate = makeGate(calibration);
  const sites = readSites(flags.data).filter(
    (site) => !site.decoded && table.elements[site.element] !== undefined,
  );
  const tolerance = (name: DescriptorName): number => {
    const descriptor = table.descriptors[name];
    return descriptor?.kind === 'real' ? descriptor.tolerance : 0;
  };

  if (!flags.json) {
    console.log(
      '| sigma | descriptor | values | accuracy of all | share accepted | accuracy of accepted | within |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- |');
  }
  for (const sigma of flags.noise.split(',').map(Number)) {
    const random = seededRandom(Number(flags.seed));
    const draws = sigma === 0 ? 1 : Number(flags.draws);
    const prepared = sites.flatMap((site) =>
      Array.from({ length: draws }, () => ({ site, prepared: prepare(scanOfSite(site, sigma, random)) })),
    );
    const usable = prepared.flatMap((each) =>
      isReject(each.prepared) ? [] : [{ site: each.site, prepared: each.prepared }],
    );
    const predictions = await model.predict(usable.map((each) => each.prepared.input));
    const judged = usable.map((each, i) => ({
      site: each.site,
      judgement: gate(each.prepared, predictions[i]!),
    }));
    for (const name of DESCRIPTOR_NAMES) {
      const score = scoreOf(name, judged, tolerance(name));
      if (score.values === 0) continue;
      if (flags.json)
        console.log(
          JSON.stringify({ sigma, descriptor: name, ...score, rejected: prepared.length - usable.length }),
        );
      else {
        const percent = (share: number) => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)}%`);
        console.log(
          `| ${sigma} | ${name} | ${score.values} | ${percent(score.accuracy)} | ${percent(score.share)} | ${percent(score.acceptedAccuracy)} | ${percent(score.within)} |`,
        );
      }
    }
  }
  await model.close();
}

function scoreOf(
  name: DescriptorName,
  judged: readonly { readonly site: Site; readonly judgement: Judgement }[],
  tolerance: number,
) {
  const rows = judged.flatMap(({ site, judgement }) => {
    const truth = site.labels[name];
    const value = judgement.descriptors.find((each) => each.name === name);
    if (truth === undefined || value === undefined) return [];
    return [
      {
        right: Math.abs(value.value - truth) <= tolerance,
        accepted: value.verdict === 'ACCEPT',
        within: value.low <= truth && truth <= value.high,
      },
    ];
  });
  const accepted = rows.filter((row) => row.accepted);
  const share = (kept: readonly unknown[], of: readonly unknown[]): number => kept.length / of.length;
  return {
    values: rows.length,
    accuracy: share(
      rows.filter((row) => row.right),
      rows,
    ),
    share: share(accepted, rows),
    acceptedAccuracy: share(
      accepted.filter((row) => row.right),
      accepted,
    ),
    within: share(
      rows.filter((row) => row.within),
      rows,
    ),
  };
}
