/**
 * A function that gives the next items of an async iterable: whether they are the last, then the items, up to so many
 * as are there without waiting, at least one. 0 ends it early. It is asked again only when it has answered.
 */
export function pullFrom(iterable: AsyncIterable<unknown>): (count: number) => Promise<unknown[]> {
  let iterator: AsyncIterator<unknown> | undefined;
  // A step that had not ended when the items before it left.
  let ahead: Promise<IteratorResult<unknown>> | undefined;
  return async function pull(count) {
    if (count === 0) {
      await iterator?.return?.();
      return [true];
    }
    iterator ??= iterable[Symbol.asyncIterator]();
    const items: unknown[] = [false];
    let step = await (ahead ?? iterator.next());
    ahead = undefined;
    while (!step.done) {
      items.push(step.value);
      if (items.length > count) return items;
      const next = iterator.next();
      // What fails is heard of when it is asked for.
      next.catch(() => {});
      const settled = await Promise.race([next.catch(() => undefined), turn()]);
      if (!settled) {
        ahead = next;
        return items;
      }
      step = settled;
    }
    items[0] = true;
    return items;
  };
}

// Later than what is there already.
const turn = (): Promise<undefined> =>
  new Promise((resolve) => {
    queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => resolve(undefined))));
  });
