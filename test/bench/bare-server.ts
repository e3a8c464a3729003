// The peer of the HTTP rows: node:http alone. GET answers with the text of the resource in the url
// read from a copy of the store's file; POST puts the body and the rows of a resource like it in,
// one durable commit each. Started with the file and the rows to repeat; prints its port.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openRaw } from './raw-rows.ts';

const [, , file = '', rowCount = '0'] = process.argv;

const database = openRaw(file);
database.exec('CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, text TEXT)');
database.exec(
  `CREATE TABLE IF NOT EXISTS bare_entry
   (a INTEGER, b TEXT, c INTEGER, PRIMARY KEY (a, b, c)) WITHOUT ROWID`,
);
const read = database.prepare(
  `SELECT v.text FROM resource AS r JOIN version AS v ON v.sequence = r.sequence
   WHERE r.rid >> 40 = (SELECT code FROM type WHERE name = ?) AND r.id = ?`,
);
const insertText = database.prepare('INSERT INTO bare (text) VALUES (?)');
const insertEntry = database.prepare('INSERT INTO bare_entry VALUES (?, ?, ?)');
const headers = { 'content-type': 'application/fhir+json; charset=utf-8' };

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    const [, , , type, id] = (request.url ?? '').split('/');
    const { text } = read.get(type, id) as { text: string };
    response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8');
    database.exec('BEGIN IMMEDIATE');
    const { lastInsertRowid } = insertText.run(text);
    for (let entry = 0; entry < Number(rowCount); entry += 1) {
      insertEntry.run(entry, `a value of some length ${lastInsertRowid}`, Number(lastInsertRowid));
    }
    database.exec('COMMIT');
    response.writeHead(201, { ...headers, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
