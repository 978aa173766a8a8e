// Prints what an engine answers to the golden vectors, as JSON, and how it calls itself.
import { openBundle } from '../../src/bundle.ts';
import { type EngineName, loadModel } from '../../src/model/load-model.ts';
import { numbersOf, readGolden, WEIGHTS } from './golden.ts';

const network = {
  ...openBundle(WEIGHTS, { gate: 'optional' }),
  neighbourIndex: null,
  siteMeans: null,
  copperMeans: null,
};
const model = await loadModel(network, { engine: process.argv[2] as EngineName });
const predictions = await model.predict(readGolden().map(({ input }) => input));
console.log(JSON.stringify({ engine: model.identity.engine, answers: predictions.map(numbersOf) }));
