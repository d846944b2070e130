/** What a source may do with a request, against a real server: each refusal has its code, and none takes memory or time. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { expect } from 'chai';
import { fetchSource } from '../../../../services/oracle/domains/sources/fetch.ts';
import { SourceRefused } from '../../../../services/oracle/domains/sources/refusal.ts';

const TIMEOUT_MS = 30_000;
const MIB = 1_048_576;

describe('oracle: what a source answers', () => {
  let server: Server;
  let answer: RequestListener;
  let url: string;
  before(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const never = new AbortController().signal;
  const codeOf = async (from: string, timeoutMs = TIMEOUT_MS) => {
    const error = await fetchSource(from, timeoutMs, never).catch((cause: unknown) => cause);
    return error instanceof SourceRefused ? error.code : error;
  };

  it('is taken up to 1 MiB', async () => {
    answer = (_, response) => response.end(Buffer.alloc(MIB, 'x'));
    expect((await fetchSource(url, TIMEOUT_MS, never)).length).to.equal(MIB);
  });

  it('is refused beyond that, also when it never ends: source_too_large', async () => {
    answer = (_, response) => response.end(Buffer.alloc(MIB + 1, 'x'));
    expect(await codeOf(url)).to.equal('source_too_large');
    let isClosed = Promise.resolve<unknown>(undefined);
    answer = (_, response) => {
      isClosed = once(response, 'close');
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more));
      };
      more();
    };
    expect(await codeOf(url)).to.equal('source_too_large');
    await isClosed;
  });

  it('is refused when nobody is there, fails, or sends somewhere else: source_unreachable', async () => {
    expect(await codeOf('http://127.0.0.1:1/')).to.equal('source_unreachable');
    for (const status of [404, 500, 503]) {
      answer = (_, response) => response.writeHead(status).end('{}');
      expect(await codeOf(url), String(status)).to.equal('source_unreachable');
    }
    answer = ({ url: path }, response) =>
      path === '/' ? response.writeHead(302, { location: '/other' }).end() : response.end('{}');
    expect(await codeOf(url)).to.equal('source_unreachable');
    answer = (_, response) => response.destroy();
    expect(await codeOf(url)).to.equal('source_unreachable');
  });

  it('is refused when it is not whole in time: source_timeout', async () => {
    answer = (_, response) => void response.write('{');
    expect(await codeOf(url, 100)).to.equal('source_timeout');
  });

  it('is waited for no longer than the process lives', async () => {
    const stopping = new AbortController();
    answer = () => stopping.abort();
    const error = await fetchSource(url, TIMEOUT_MS, stopping.signal).catch((cause: unknown) => cause);
    expect(error).not.to.be.instanceOf(SourceRefused);
    expect((error as Error).name).to.equal('AbortError');
  });
});
