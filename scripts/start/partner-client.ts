/** The demo partner's own client: what any partner writes against the settlement API, and no more. */
import {
  type SignedRequestOptions,
  type SigningCredential,
  signedFetch,
} from '../../services/platform/http/signedFetch.ts';

/** The API answered with a problem document (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: string;
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    const problem = parseProblem(body);
    const places = (problem.errors ?? []).map(
      (fault) => `\n  ${fault.xpath ?? fault.pointer ?? fault.row ?? ''} ${fault.detail}`,
    );
    super(`${method} ${path}: ${status} ${problem.code ?? ''} ${problem.detail ?? body}${places.join('')}`);
    this.code = problem.code ?? 'unknown';
    this.status = status;
  }
}

interface ProblemDocument {
  code?: string;
  detail?: string;
  errors?: { xpath?: string; pointer?: string; row?: number; detail?: string }[];
}

function parseProblem(body: string): ProblemDocument {
  try {
    return JSON.parse(body) as ProblemDocument;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

export class PartnerClient {
  readonly #origin: string;
  readonly #credential: SigningCredential;

  constructor(origin: string, credential: SigningCredential) {
    this.#origin = origin;
    this.#credential = credential;
  }

  /** @throws ApiProblem for every answer that is not a success. */
  async request(method: string, path: string, options: SignedRequestOptions = {}): Promise<Response> {
    const answer = await signedFetch(this.#credential, method, `${this.#origin}${path}`, options);
    if (!answer.ok) throw new ApiProblem(method, path, answer.status, await answer.text());
    return answer;
  }

  async get<Body>(path: string): Promise<Body> {
    return (await (await this.request('GET', path)).json()) as Body;
  }

  async text(path: string): Promise<string> {
    return (await this.request('GET', path)).text();
  }

  async post<Body>(path: string, body: unknown, idempotencyKey?: string): Promise<Body> {
    const options = { body: JSON.stringify(body), ...(idempotencyKey && { idempotencyKey }) };
    return (await (await this.request('POST', path, options)).json()) as Body;
  }
}
