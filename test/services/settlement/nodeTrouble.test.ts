/** A node that answers garbage: indexer, lane and whatever else asks it wait, say so once, and go on by themselves. */
import { expect } from 'chai';
import { type NodeProxy, startNodeProxy } from '../../support/nodeProxy.ts';
import { type ServiceName, type Services, startServices } from '../../support/services.ts';
import { until } from '../../support/until.ts';

const HTML = '<html><h1>502 Bad Gateway</h1></html>';
const HUGE_BYTES = 11 * 1024 * 1024;
/** A part tries dozens of times meanwhile; its reason may change once or twice as the node comes back. */
const FLOOD = 6;

describe('a node in trouble', () => {
  let services: Services;
  let proxy: NodeProxy;
  before(async () => {
    services = await startServices({
      rpcUrl: async (url) => {
        proxy = await startNodeProxy(url);
        return proxy.rpcUrl;
      },
    });
  });
  after(async () => {
    if (proxy) heal();
    await services?.stop();
    await proxy?.[Symbol.asyncDispose]();
  });

  const { promise: never } = Promise.withResolvers<void>();
  const heal = () => {
    proxy.distort((_, answer) => answer);
    proxy.intercept(() => undefined);
    proxy.rewrite((body) => body);
    proxy.refuse(undefined);
    proxy.silence(false);
  };
  /** viem knows an answer by its HTTP request and looks at no id: the settlement service takes it, and it is right. */
  const isTakenByViem = (what: string) => what === 'answers what it was not asked';
  const isBlock = (method: string) => method.startsWith('eth_getBlockBy');
  const failing = async (service: ServiceName, part: string) => {
    const text = await services.metrics(service);
    return new RegExp(`^part_failing\\{[^}]*part="${part}[^}]*\\} 1$`, 'm').test(text);
  };
  const troubles: Record<string, () => void> = {
    'answers with an error page': () => proxy.rewrite(() => HTML),
    'answers half of its JSON': () => proxy.rewrite((body) => body.slice(0, body.length / 2)),
    'answers what it was not asked': () => proxy.rewrite((body) => body.replaceAll(/"id":\d+/g, '"id":-7')),
    'answers far too much': () => proxy.rewrite(() => 'x'.repeat(HUGE_BYTES)),
    'answers nothing': () => proxy.rewrite(() => ''),
    'has no block where one is expected': () =>
      proxy.distort(({ method }, answer) => (isBlock(method) ? null : answer)),
    'answers nonsense in hex': () =>
      proxy.distort(({ method }, answer) => (isBlock(method) ? { ...answer, number: '0xzz' } : '0xzz')),
    'cuts every connection': () => proxy.silence(true),
    'wants to be asked later (429)': () => proxy.refuse(429, { 'retry-after': '1' }),
    'does not come to an answer': () => proxy.intercept(() => never),
  };
  for (const [what, spoil] of Object.entries(troubles))
    it(`that ${what}`, async () => {
      const accepted = await services.pay();
      const { id } = (await accepted.json()) as { id: string };
      for (const lines of Object.values(services.logs)) lines.length = 0;
      spoil();
      await until('the indexer to say so', () => failing('indexer', 'indexer'), 60_000);
      expect((await services.ready('indexer')).status).to.equal(503);
      if (!isTakenByViem(what))
        await until('the lane to say so', () => failing('settlement', 'lane '), 60_000);
      const meanwhile = await services.pay();
      expect(meanwhile.status, 'payments are taken all the same').to.equal(201);

      heal();
      await services.posted(id);
      await services.posted(((await meanwhile.json()) as { id: string }).id);
      await services.bothReady();
      expect(await failing('indexer', 'indexer')).to.equal(false);
      expect(await failing('settlement', 'lane ')).to.equal(false);
      for (const lines of Object.values(services.logs))
        for (const [key, told] of Map.groupBy(lines, ({ part, reason }) => reason && `${part} ${reason}`))
          if (key) expect(told.length, key).to.be.below(FLOOD);
    });
});
