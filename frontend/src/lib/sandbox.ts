/** A refusal by the sandbox or, behind it, the settlement API: a problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, detail: string, retryAfterSeconds: number | undefined) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The sandbox did not answer at all. */
export class SandboxUnreachable extends Error {
  override readonly name = 'SandboxUnreachable';
}

/**
 * Asks the sandbox.
 * @throws ProblemError when it refuses, SandboxUnreachable when it does not answer
 */
export async function askSandbox(sandboxUrl: string, path: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(new URL(path, sandboxUrl), { ...init, signal: AbortSignal.timeout(40_000) });
  } catch (cause) {
    throw new SandboxUnreachable('The sandbox does not answer', { cause });
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
  throw new ProblemError(
    answer.status,
    problem.code ?? 'unknown',
    problem.detail ?? `HTTP ${answer.status}`,
    Number.isNaN(retryAfter) ? undefined : retryAfter,
  );
}

/** Asks the sandbox for JSON. */
export async function askSandboxJson<T>(sandboxUrl: string, path: string): Promise<T> {
  return (await (await askSandbox(sandboxUrl, path)).json()) as T;
}
