// A connection that is made anew when nothing is answered any more, and only then.

import assert from 'node:assert/strict';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';
import { LastingConnection } from '../../../src/store/mongo/lasting-connection.ts';

/** Connections that are made one after the other, and which of them were closed. */
async function opened() {
  const clock = { ms: 0 };
  const made: { connection: Connection; isClosed: boolean }[] = [];
  const state = { isDown: false };
  const connect = async (): Promise<Connection> => {
    if (state.isDown) throw new MongoNetworkError('no server');
    const one = { isClosed: false };
    const close = async () => {
      one.isClosed = true;
    };
    const connection = { close } as unknown as Connection;
    made.push(Object.assign(one, { connection }));
    return connection;
  };
  const lasting = await LastingConnection.open(connect, () => clock.ms);
  const fail = (error: Error) => assert.rejects(lasting.watch(Promise.reject(error)));
  return { lasting, clock, made, state, fail };
}

const lost = new MongoNetworkError('lost');

/** Lets what was begun go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a connection to the database', () => {
  it('is kept while something is answered, and when failures are short', async () => {
    const { lasting, clock, made, fail } = await opened();
    for (let second = 0; second < 60; second += 1) {
      clock.ms += 1_000;
      await fail(lost);
      if (second % 5 === 0) await lasting.watch(Promise.resolve(1));
    }
    assert.equal(made.length, 1);
  });

  it('is made anew, and the old one closed, when nothing was answered for long', async () => {
    const { lasting, clock, made, fail } = await opened();
    const first = lasting.current;
    clock.ms += 11_000;
    await fail(lost);
    await turn();
    assert.notEqual(lasting.current, first);
    assert.deepEqual(
      made.map(({ isClosed }) => isClosed),
      [true, false],
    );
    await fail(lost);
    await turn();
    assert.equal(made.length, 2, 'the new one has its time');
  });

  it('is kept when the server refuses: that is an answer', async () => {
    const { clock, made, fail } = await opened();
    clock.ms += 11_000;
    await fail(new MongoServerError({ message: 'no' }));
    clock.ms += 9_000;
    await fail(lost);
    await turn();
    assert.equal(made.length, 1);
  });

  it('is tried again by the next failure where there is no server', async () => {
    const { lasting, clock, made, state, fail } = await opened();
    state.isDown = true;
    clock.ms += 11_000;
    await fail(lost);
    await turn();
    assert.equal(made.length, 1);
    state.isDown = false;
    await fail(lost);
    await turn();
    assert.equal(made.length, 2);
    await lasting.close();
    assert.equal(made[1]?.isClosed, true);
    await fail(lost);
    await turn();
    assert.equal(made.length, 2, 'what is closed stays so');
  });
});
