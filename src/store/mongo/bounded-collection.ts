// A collection whose every command is answered in time or fails. The driver has a time-out for
// sockets, but a command that is written to a connection in the moment in which that ends waits for
// the connection to take it, for ever.

import { AbstractCursor, type Collection, type Document, MongoNetworkError } from 'mongodb';
import type { LastingConnection } from './lasting-connection.ts';

/** The collection of that name, each of its commands bounded by the connection's time-out. */
export function bounded<Kept extends Document>(
  connection: LastingConnection,
  name: string,
): Collection<Kept> {
  const current = () => connection.current.collection(name) as unknown as Collection<Kept>;
  return boundMembers(current, connection);
}

/** The same object, but for what its methods return. @param current as it is at each use */
function boundMembers<Bounded extends object>(
  current: () => Bounded,
  connection: LastingConnection,
): Bounded {
  return new Proxy({} as Bounded, {
    get: (_, name) => {
      const target = current();
      if (target instanceof AbstractCursor && name === Symbol.asyncIterator) {
        return () => documentsOf(target, connection);
      }
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: readonly unknown[]) =>
        boundResult(Reflect.apply(member, target, given), connection);
    },
  });
}

function boundResult(result: unknown, connection: LastingConnection): unknown {
  if (result instanceof Promise) return inTime(result, connection);
  return result instanceof AbstractCursor ? boundMembers(() => result, connection) : result;
}

async function* documentsOf(
  cursor: AbstractCursor,
  connection: LastingConnection,
): AsyncGenerator<unknown> {
  try {
    for (;;) {
      const document = await inTime(cursor.next(), connection);
      if (document === null) return;
      yield document;
    }
  } finally {
    await inTime(cursor.close(), connection).catch(() => {});
  }
}

/** The answer, or an error of the way to the database when it takes too long. */
async function inTime<Answer>(
  answer: Promise<Answer>,
  connection: LastingConnection,
): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new MongoNetworkError('the database did not answer in time'));
  }, connection.current.getClient().options.socketTimeoutMS);
  try {
    return await connection.watch(Promise.race([answer, late.promise]));
  } finally {
    clearTimeout(timer);
  }
}
