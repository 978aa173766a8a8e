/**
 * Comes back when the condition holds: as soon as it does, and never before. After `withinMs` it throws with the
 * condition's own text: the limit is no measure of speed, it ends what would wait for ever and run on beside the tests
 * that follow.
 */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 150_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`Expected within ${withinMs / 1000} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
