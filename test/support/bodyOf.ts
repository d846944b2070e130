import type { IncomingMessage } from 'node:http';

/** The whole body of a request; undefined when the client broke it off, which it may do at any moment: it was stopped, or killed. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch (error) {
    if (request.complete) throw error;
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}
