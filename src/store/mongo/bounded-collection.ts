// A collection whose every command is answered in time or fails. The driver has a time-out for
// sockets, but a command that is written to a connection in the moment in which that ends waits for
// the connection to take it, for ever.

import { AbstractCursor, type Collection, type Document, MongoNetworkError } from 'mongodb';

/** The collection, each of its commands bounded. @param commandMs milliseconds */
export function bounded<Kept extends Document>(
  collection: Collection<Kept>,
  commandMs: number,
): Collection<Kept> {
  return boundMembers(collection, commandMs);
}

/** The same object, but for what its methods return. */
function boundMembers<Bounded extends object>(target: Bounded, commandMs: number): Bounded {
  return new Proxy(target, {
    get: (_, name) => {
      if (target instanceof AbstractCursor && name === Symbol.asyncIterator) {
        return () => documentsOf(target, commandMs);
      }
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: readonly unknown[]) =>
        boundResult(Reflect.apply(member, target, given), commandMs);
    },
  });
}

function boundResult(result: unknown, commandMs: number): unknown {
  if (result instanceof Promise) return inTime(result, commandMs);
  return result instanceof AbstractCursor ? boundMembers(result, commandMs) : result;
}

async function* documentsOf(cursor: AbstractCursor, commandMs: number): AsyncGenerator<unknown> {
  try {
    for (;;) {
      const document = await inTime(cursor.next(), commandMs);
      if (document === null) return;
      yield document;
    }
  } finally {
    await inTime(cursor.close(), commandMs).catch(() => {});
  }
}

/** The answer, or an error of the way to the database after so many milliseconds. */
export async function inTime<Answer>(answer: Promise<Answer>, withinMs: number): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new MongoNetworkError('the database did not answer in time'));
  }, withinMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
