// Run by mongosh on one member, as its root: makes the three a replica set, waits for its primary,
// and gives the service a user that may write its own database and nothing else. Doing so again
// changes nothing.
/* global db, rs, print, sleep, process */

const members = ['mongo-1:27017', 'mongo-2:27017', 'mongo-3:27017'];

try {
  rs.status();
} catch {
  rs.initiate({ _id: 'openims', members: members.map((host, _id) => ({ _id, host })) });
}
while (!db.hello().isWritablePrimary && !db.hello().primary) sleep(500);

const set = `mongodb://${members.join(',')}/admin?replicaSet=openims`;
const admin = new Mongo(
  set.replace('//', `//root:${encodeURIComponent(process.env.MONGODB_ROOT_PASSWORD)}@`),
).getDB('admin');
if (admin.getUser('openims') === null) {
  admin.createUser({
    user: 'openims',
    pwd: process.env.MONGODB_PASSWORD,
    roles: [{ role: 'readWrite', db: 'openims' }],
  });
}
print('The replica set is ready');
