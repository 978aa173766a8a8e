// Prints what an engine answers to the golden vectors, as JSON, and how it calls itself. `whole`: all networks of the
// bundle, not SPT alone.
import { openBundle } from '../../src/bundle/bundle.ts';
import type { EngineName } from '../../src/model/engine.ts';
import { loadModel } from '../../src/model/load-model.ts';
import { numbersOf, numbersOfMeans, readGolden, WEIGHTS } from './golden.ts';

const [engine, which] = process.argv.slice(2);
const bundle = openBundle(WEIGHTS, { gate: 'optional' });
const network =
  which === 'whole' ? bundle : { ...bundle, neighbourIndex: null, siteMeans: null, copperMeans: null };
const model = await loadModel(network, { engine: engine as EngineName });
const predictions = await model.predict(readGolden().map(({ input }) => input));
const means = predictions.map(({ siteMeans }) => siteMeans && numbersOfMeans(siteMeans));
console.log(JSON.stringify({ engine: model.identity.engine, answers: predictions.map(numbersOf), means }));
await model.close();
