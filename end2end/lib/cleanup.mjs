// What must happen when a test is over, last made first: a program ends before its folder goes.

const stacks = new WeakMap();

/**
 * Runs `work` when `t` is over, before everything registered earlier. `t` is a test's context or what `suite` returns.
 * All of it is run, even if some fails; a failure fails the test.
 */
export function onEnd(t, work) {
  let stack = stacks.get(t);
  if (!stack) {
    stack = [];
    stacks.set(t, stack);
    t.after(() => unwind(stack));
  }
  stack.push(work);
}

async function unwind(stack) {
  const errors = [];
  while (stack.length) {
    try {
      await stack.pop()();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
}

/**
 * A stand-in for `t` in what a whole suite shares: `const shared = suite(); after(() => shared.end());`, and then
 * `startServer(shared, …)` in `before`. Node gives suites no `t.after`.
 */
export function suite() {
  const works = [];
  return { after: (work) => works.push(work), end: () => unwind(works) };
}

/**
 * `test` for a story: once a part has failed, those after it fail at once instead of waiting for what never comes.
 */
export function storyteller(test) {
  let broken;
  return (name, work) => test(name, async (t) => {
    if (broken) throw new Error(`not tried, since an earlier part failed: ${broken}`);
    try {
      await work(t);
    } catch (error) {
      broken = name;
      throw error;
    }
  });
}
