import { SourceRefused } from './refusal.ts';

/** No document of these formats needs as much. */
const MOST_BYTES = 1_048_576;

/**
 * What a source answers: at most 1 MiB, whole within the limit of time, from the very address that was asked.
 * @throws SourceRefused `source_unreachable`, `source_timeout`, `source_too_large`; the signal's AbortError once it is aborted
 */
export async function fetchSource(url: string, timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, late]), redirect: 'error' });
    if (!response.ok) {
      await response.body?.cancel();
      throw new SourceRefused(
        'source_unreachable',
        `The source answered with HTTP status ${response.status}.`,
      );
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MOST_BYTES)
        throw new SourceRefused('source_too_large', `The answer has more than ${MOST_BYTES} bytes.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof SourceRefused) throw cause;
    signal.throwIfAborted();
    if (late.aborted)
      throw new SourceRefused('source_timeout', `The answer was not whole after ${timeoutMs} ms.`, { cause });
    const { message, cause: reason } = cause as Error;
    throw new SourceRefused(
      'source_unreachable',
      `${message}: ${(reason as Error | undefined)?.message ?? ''}`,
      {
        cause,
      },
    );
  }
}
