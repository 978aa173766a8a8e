import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from '@xanes-stream/client';
import getPort from 'get-port';
import { typescript } from '../../../demo/services/start-process.ts';
import { startRedis } from '../../../demo/services/start-redis.ts';
import { temporaryFolder } from '../../../demo/services/temporary-folder.ts';
import { pythonWith } from '../../../python/python-with.ts';
import { ROOT } from '../../docs/documents.ts';
import { until } from '../../until.ts';
import { BEAMLINE, simulatedBeamline, WITHIN_MS } from './queueserver/simulated-beamline.ts';

// A real RE Manager with simulated devices, our processor, and an agent that stops a charge at a wanted state.

const run = promisify(execFile);
const HERE = join(import.meta.dirname, 'queueserver');
const GOAL = 3.4;
const PER_SCAN = 0.02; // of startup.py
const PLANNED_SCANS = 45;

const folder = temporaryFolder('queueserver');
const closers: (() => Promise<unknown>)[] = [async () => folder.remove()];
let python: string;
beforeAll(async () => {
  await run('npm', ['run', '-s', 'build', '-w', '@xanes-stream/client'], { cwd: ROOT });
  python = await pythonWith({ requirements: join(HERE, 'requirements.txt'), home: 'queueserver' });
}, WITHIN_MS);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

test(
  'requests become plans of a RE Manager by a table, and an agent stops a charge',
  async () => {
    const redis = await startRedis();
    closers.push(redis.close);
    const { brokers, documents, env, start } = await simulatedBeamline(closers);

    const [control, info] = [await getPort(), await getPort()].map((port) => `tcp://127.0.0.1:${port}`);
    const files = ['--startup-script', join(HERE, 'startup.py'), '--existing-plans-devices', folder.path];
    await start('RE Manager', {
      command: python, // its script names the folder that it was installed in, which was moved
      args: [
        ...['-c', 'from bluesky_queueserver.manager.start_manager import start_manager; start_manager()'],
        ...[...files, '--user-group-permissions', join(HERE, 'permissions.yaml'), '--keep-re'],
        ...['--update-existing-plans-devices', 'ENVIRONMENT_OPEN', '--redis-addr', new URL(redis.url).host],
        ...['--zmq-control-addr', control!, '--zmq-info-addr', info!],
      ],
      env: {
        ...{ BROKERS: env.KAFKA_BROKERS, DOCUMENTS: documents, EXPERIMENT: 'charge' },
        ...{ SERIES: join(ROOT, 'data/li-x-coo2/series.jsonl'), OPENBLAS_NUM_THREADS: '1' },
      },
      ready: /ZeroMQ server is waiting/,
    });
    /** What an operator does at the RE Manager. */
    const operate = async (lines: string): Promise<string> => {
      const head = `import json
from bluesky_queueserver_api.zmq import REManagerAPI
RM = REManagerAPI(zmq_control_addr="${control}", zmq_info_addr="${info}", timeout_recv=60)`;
      return (await run(python, ['-c', `${head}\n${lines}\nRM.close()`])).stdout;
    };
    await operate('RM.environment_open(); RM.wait_for_idle(timeout=600); RM.queue_autostart(True)');
    await start('queueserver', {
      command: python,
      args: [join(ROOT, 'clients/python/examples/queueserver.py'), '--brokers', env.KAFKA_BROKERS].concat([
        '--beamline',
        BEAMLINE,
        '--manager',
        control!,
        '--replay',
      ]),
      env: { PYTHONPATH: join(ROOT, 'clients/python/src'), PYTHONDONTWRITEBYTECODE: '1' },
      ready: /takes more-scans, stop/,
    });

    const { connect } = await import('@xanes-stream/client');
    const xanes: Client = await connect({ brokers, name: 'person', withinMs: 60_000 });
    closers.push(() => xanes.close());
    const ask = { beamline: BEAMLINE, sampleId: 'cell', why: 'a test', validForMs: WITHIN_MS } as const;
    const refused = await (await xanes.ask({ ...ask, kind: 'pause' })).end({ withinMs: WITHIN_MS });
    expect(refused).toMatchObject({ status: 'REFUSED', reason: 'not-allowed' });
    const tooMany = await (await xanes.ask({ ...ask, kind: 'more-scans', scans: 21 })).end({
      withinMs: WITHIN_MS,
    });
    expect(tooMany).toMatchObject({ status: 'REFUSED', detail: 'Expected at most 20 scans, got 21' });
    const measured = await (await xanes.ask({ ...ask, kind: 'more-scans', scans: 2 })).end({
      withinMs: WITHIN_MS,
    });
    expect(measured).toMatchObject({
      detail: '',
      status: 'DONE',
      scanIds: [expect.any(String), expect.any(String)],
    });

    const agent = await start('agent', {
      ...typescript('clients/typescript/examples/lab-agent.ts', [
        ...['--brokers', env.KAFKA_BROKERS, '--replay', '--stop-at', String(GOAL), '--within', '0.5'],
        ...['--max-age-s', '3600'],
      ]),
      ready: /reads descriptors/,
    });
    const charge = { item_type: 'plan', name: 'charge', kwargs: { scans: PLANNED_SCANS, seconds: 2 } };
    await operate(`RM.item_add(json.loads('${JSON.stringify(charge)}'))`);
    await until(() => /"status":"DONE"/.test(agent.output()) || agent.output().includes('"FAILED"'));
    expect(agent.output()).toMatch(/"kind":"stop"/);
    const ended = JSON.parse(
      await operate(
        'RM.wait_for_idle(timeout=600); print(json.dumps(RM.history_get()["items"][-1]["result"]))',
      ),
    ) as { exit_status: string; run_uids: string[] };
    const reached = 3 + PER_SCAN * ended.run_uids.length;
    expect(ended.exit_status).toBe('stopped');
    expect(ended.run_uids.length).toBeLessThan(PLANNED_SCANS);
    expect(Math.abs(reached - GOAL)).toBeLessThan(0.25);
  },
  WITHIN_MS,
);
