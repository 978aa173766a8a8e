import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { mayWrite } from '../../dashboard/server/people.ts';
import { operandoRun } from '../../demo/replay/operando-run.ts';
import { createProducer, quietKafkaClient } from '../../demo/services/kafka-client.ts';
import { startProcess, typescript } from '../../demo/services/start-process.ts';
import { systemClock } from '../../src/common/clock.ts';
import { partitionFetcher } from '../../src/consumers/partition-fetcher.ts';
import { isReject } from '../../src/messages/reject.ts';
import { createAnnotationsTopic, createTopics } from '../../src/producers/create-topics.ts';
import { decodeAnnotation } from '../../src/wire/annotation-codec.ts';
import { decodeStandard } from '../../src/wire/standard-codec.ts';
import { wireType } from '../../src/wire/wire-type.ts';
import { recordsOf } from '../integration/jobs.ts';
import { until, untilPasses } from '../until.ts';
import { dashboardBench, drawn, scans } from './dashboard-bench.ts';
import { fixtureChange, fixtureEvent } from './fixture-events.ts';

const redisUrl = process.env.REDIS_URL_TEST ?? '';
const brokers = (process.env.KAFKA_BROKERS_TEST ?? '').split(',');
const bench = dashboardBench(redisUrl);
const STARTS_WITHIN_MS = 240_000;

test('who may write: operators, and where nobody logs in whoever sits at the machine', () => {
  const visitor = { name: 'Mia', role: 'viewer', expiresAtMs: 0 } as const;
  expect(mayWrite(visitor, true, true)).toBe(false);
  expect(mayWrite({ ...visitor, role: 'operator' }, false, true)).toBe(true);
  expect(mayWrite(undefined, true, false)).toBe(true);
  expect(mayWrite(undefined, false, false)).toBe(false);
  expect(mayWrite(undefined, true, true)).toBe(false);
});

test(
  'changes come from Kafka; notes, acknowledgements and standards go there, and notes come back to all',
  async () => {
    const id = randomUUID().slice(0, 8);
    const env = {
      ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_GROUP: `people-${id}`, LOG_LEVEL: 'info' },
      ...{ TOPIC_SCANS: `scans-${id}`, TOPIC_DESCRIPTORS: `descriptors-${id}` },
      ...{ TOPIC_DEAD_LETTERS: `dead-letters-${id}`, TOPIC_CHANGES: `changes-${id}` },
      ...{
        TOPIC_ANNOTATIONS: `annotations-${id}`,
        TOPIC_STANDARDS: `standards-${id}`,
        TOPIC_RUNS: `runs-${id}`,
      },
    };
    const { TOPIC_SCANS, TOPIC_CHANGES, TOPIC_ANNOTATIONS, TOPIC_STANDARDS } = env;
    const kafka = quietKafkaClient(brokers);
    const outputs = [env.TOPIC_DESCRIPTORS, env.TOPIC_DEAD_LETTERS];
    await createTopics(kafka, [TOPIC_SCANS, TOPIC_CHANGES, TOPIC_STANDARDS, env.TOPIC_RUNS, ...outputs], 1);
    await createAnnotationsTopic(kafka, env, 1);

    const measured = operandoRun({ seed: 1, samples: 1, scans: 10 }).scanAt(0, {
      ...{ runId: 'run', startedAtMs: Date.now() - 1000, endedAtMs: Date.now() },
    });
    const some = scans(0, 9).map((event) => ({ ...event, sampleId: measured.key }));
    const last = fixtureEvent(9, { sampleId: measured.key, scanId: measured.scan.scanId });
    await bench.feed.scans([
      ...some,
      { ...last, source: { ...last.source, topic: TOPIC_SCANS, partition: 0, offset: 0 } },
    ]);
    const change = wireType('change.v1.avsc');
    const producer = createProducer(kafka, {});
    await producer.connect();
    bench.closers.push(() => producer.disconnect());
    const { key, value, headers } = measured;
    await producer.send({ topic: TOPIC_SCANS, messages: [{ key, value, headers }] });
    const tell = (at: number) => {
      const value = change.encode(fixtureChange(some[at - 1]!, some[at]!));
      return producer.send({
        topic: TOPIC_CHANGES,
        messages: [{ key: measured.key, value, headers: { ...change.headers } }],
      });
    };
    await tell(4);
    const projection = await startProcess('projection', {
      ...typescript('src/bin/projection.ts'),
      env: { ...env, PORT: '0', REDIS_URL: redisUrl, REDIS_PREFIX: bench.prefix },
      ready: /"msg":"projecting"/,
      readyTimeoutMs: STARTS_WITHIN_MS,
    });
    bench.closers.push(() => projection.stop());

    const { port } = await bench.start({ env });
    const [page, other] = [await bench.open(port, { hash: '#show=changes' }), await bench.open(port)];
    for (const each of [page, other]) await until(async () => (await drawn(each)) === 10);
    await bench.untilText(page, '.changes-list', /stepped by \+0\.31/);
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await bench.untilText(page, '.changes-list', /acknowledged by at the dashboard/);
    await page.getByRole('textbox', { name: 'Note' }).fill('<b>beam</b> dumped, cell kept at 4.2 V');
    await page.keyboard.press('Enter');
    await bench.untilText(page, '.changes-list', /<b>beam<\/b> dumped, cell kept at 4\.2 V/);
    await other.getByRole('tab', { name: /Changes/ }).click();
    await bench.untilText(other, '.changes-list', /beam.*dumped[\s\S]*acknowledged by at the dashboard/);

    await Promise.all([tell(6), tell(8)]);
    await page.getByRole('button', { name: 'Acknowledge all 2', exact: true }).click();
    await until(async () => (await other.locator('.changes-list .open').count()) === 0);
    await bench.untilText(other, '.changes-list', /(acknowledged by[\s\S]*){3}/);
    await untilPasses(async () =>
      expect(await page.getByRole('button', { name: /^Acknowledge/ }).count()).toBe(0),
    );

    await page.locator('.standard summary').click();
    await page.getByRole('button', { name: 'Mark' }).click();
    await bench.untilText(page, '.standard', /Not kept: Expected foil, or a mean oxidation state/);
    await page.getByLabel('mean oxidation state', { exact: true }).fill('3.02');
    await page.getByLabel('its standard uncertainty').fill('0,05');
    await page.getByRole('button', { name: 'Mark' }).click();
    await bench.untilText(page, '.standard', /Kept as Co-K-os3\.02-[0-9a-f]{12}: scans of this beamline/);

    const fetcher = partitionFetcher(kafka, systemClock.nowMs);
    bench.closers.push(() => fetcher.close());
    const notes = (await recordsOf(fetcher, TOPIC_ANNOTATIONS)).map((record) =>
      decodeAnnotation(record.value!, record.headers),
    );
    expect(notes).toMatchObject([
      { changeId: `MEAN_OXIDATION_STATE/${some[4]!.scanId}`, text: '', at: some[4]!.endedAt },
      { changeId: null, text: '<b>beam</b> dumped, cell kept at 4.2 V', scanId: measured.scan.scanId },
      ...[8, 6].map((at) => ({ changeId: `MEAN_OXIDATION_STATE/${some[at]!.scanId}`, text: '' })),
    ]);
    const [record] = await recordsOf(fetcher, TOPIC_STANDARDS);
    const standard = decodeStandard(record!);
    if (isReject(standard)) throw new Error(standard.detail);
    expect(standard).toMatchObject({
      ...{ beamline: 'X10DA', element: 'Co' },
      known: { kind: 'mean-oxidation-state', value: 3.02, uncertainty: 0.05 },
    });
    expect(standard.scan.it).toEqual(measured.scan.it);
  },
  2 * STARTS_WITHIN_MS,
);

test('without a broker nothing is lost in silence: the page says why it was not kept', async () => {
  await bench.feed.scans(scans(0, 3));
  const { port } = await bench.start({ env: { KAFKA_BROKERS: '127.0.0.1:1' } });
  const page = await bench.open(port, { hash: '#show=changes' });
  await until(async () => (await drawn(page)) === 3);
  await page.getByRole('textbox', { name: 'Note' }).fill('kept?');
  await page.keyboard.press('Enter');
  await bench.untilText(
    page,
    '.changes [role=status]',
    /^Not kept: Expected KAFKA_BROKERS 127\.0\.0\.1:1 to answer/,
  );
  await untilPasses(async () =>
    expect(await page.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('kept?'),
  );
}, 120_000);
