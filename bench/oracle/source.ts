/** What the reporters ask: a server of the benchmark's own, over HTTP as any source is. */
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @param parts Stops it in the end. @param answer Of the path of a request. @returns its origin */
export async function startSource(
  parts: AsyncDisposableStack,
  answer: (path: string) => string,
): Promise<string> {
  const source = createServer((request, response) => {
    response.end(answer(request.url ?? '/'));
  });
  source.listen(0, '127.0.0.1');
  await once(source, 'listening');
  parts.defer(async () => {
    source.closeAllConnections();
    source.close();
    await once(source, 'close');
  });
  return `http://127.0.0.1:${(source.address() as { port: number }).port}`;
}
