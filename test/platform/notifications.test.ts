import { once } from 'node:events';
import { createConnection, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { type Database, openDatabase } from '../../services/platform/database.ts';
import { createLogger } from '../../services/platform/log.ts';
import { listenForNotifications } from '../../services/platform/notifications.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

describe('platform: notifications', () => {
  let url: URL;
  let database: Database;
  let way: Server;
  let cuts = 0;
  before(async () => {
    url = new URL(await createTestDatabase());
    database = openDatabase(url.href, 'test', 1);
    const { port } = url;
    // The first connection breaks when it begins to listen.
    way = createServer((client) => {
      const upstream = createConnection(Number(port), '127.0.0.1');
      client.on('error', () => undefined);
      upstream.on('error', () => undefined);
      upstream.pipe(client);
      client.on('data', (chunk) => {
        if (!chunk.includes('listen "news"') || cuts++ > 0) return upstream.write(chunk);
        upstream.destroy();
        return client.destroy();
      });
      client.on('close', () => upstream.destroy());
    }).listen(0, '127.0.0.1');
    await once(way, 'listening');
    url.port = String((way.address() as { port: number }).port);
  });
  after(async () => {
    way?.close();
    await database?.end();
  });

  it('listens again after its connection broke, even as it began to listen', async () => {
    let heard = 0;
    // Such a rejection ends a service; this runner passes over it.
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const log = createLogger('test', 'fatal');
    const listener = listenForNotifications(url.href, 'news', log, () => heard++);
    await until('a notification to be heard', async () => {
      await database.query('notify news');
      return heard > 0 && cuts > 1;
    });
    await listener.stop();
    process.off('unhandledRejection', note);
    expect(unhandled).to.deep.equal([]);
  });
});
