import { expect, test } from '@jest/globals';
import { groupActivity } from '../../src/consumers/group-activity.ts';

function activityAt() {
  let now = 1_000_000;
  const activity = groupActivity(() => now, 30_000);
  return { activity, pass: (ms: number) => (now += ms) };
}

const reasonOf = ({ readiness }: ReturnType<typeof groupActivity>) => readiness().detail.reason;

test('is not ready before it has joined, nor before anything has succeeded', () => {
  const { activity } = activityAt();
  expect(activity.readiness()).toMatchObject({
    ok: false,
    detail: { reason: expect.stringMatching(/has not joined/) },
  });
  activity.joined(['0', '1']);
  expect(reasonOf(activity)).toMatch(/no fetch, claim or commit/);
  activity.succeeded('claim');
  expect(activity.readiness().ok).toBe(true);
});

test.each(['fetch', 'claim', 'commit'] as const)(
  'a %s keeps it ready for the window and no longer',
  (step) => {
    const { activity, pass } = activityAt();
    activity.joined(['0']);
    activity.succeeded(step);
    pass(30_000);
    activity.succeeded('heartbeat'); // membership alone is no work
    expect(activity.readiness().ok).toBe(true);
    pass(1);
    expect(reasonOf(activity)).toMatch(/no fetch, claim or commit succeeded within 30 s/);
  },
);

test('a member without partitions is a spare while its heartbeats are answered', () => {
  const { activity, pass } = activityAt();
  activity.joined([]);
  expect(activity.readiness()).toMatchObject({ ok: true, detail: { spare: true } });
  pass(29_000);
  activity.succeeded('heartbeat');
  pass(29_000);
  expect(activity.readiness().ok).toBe(true);
  pass(2_000);
  expect(reasonOf(activity)).toMatch(/no heartbeat/);
});

test('a partition whose commits fail for longer than the window makes it not ready, though fetches succeed', () => {
  const { activity, pass } = activityAt();
  activity.joined(['0', '1']);
  activity.waits('1', 'commit', 'COORDINATOR_NOT_AVAILABLE');
  pass(20_000);
  activity.settled('1', 'claim'); // claimed anew, to no avail
  activity.waits('1', 'commit', 'REQUEST_TIMED_OUT');
  activity.succeeded('fetch');
  expect(activity.readiness().ok).toBe(true);
  pass(11_000);
  expect(reasonOf(activity)).toBe('partition 1 waits for a commit since 31 s: REQUEST_TIMED_OUT');
  activity.settled('1', 'commit');
  expect(activity.readiness().ok).toBe(true);
});

test('a partition that went to another member does not matter any more', () => {
  const { activity, pass } = activityAt();
  activity.joined(['0', '1']);
  activity.waits('1', 'claim', 'x');
  activity.left('it shares its partitions out anew');
  expect(reasonOf(activity)).toMatch(/shares its partitions/);
  activity.joined(['0']);
  activity.waits('1', 'commit', 'it failed when another had the partition already');
  pass(31_000);
  activity.succeeded('fetch');
  expect(activity.readiness().ok).toBe(true);
});
