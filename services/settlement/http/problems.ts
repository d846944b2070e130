import { type Fault, Problem } from '../../platform/http/problem.ts';

/** What a problem code stands for: one entry a code, shown under /docs/errors. */
export interface ProblemKind {
  status: number;
  /** What happened, in a sentence. */
  meaning: string;
  /** What the partner's client should do. */
  next: string;
}

export type ProblemCatalogue = Readonly<Record<string, ProblemKind>>;

/**
 * Makes the problems of one domain: the status comes from the catalogue, so a code without an entry does not compile.
 * `throw problem('beneficiary_not_found', 'There is no beneficiary ben_1.')`
 */
export function problemsOf<Catalogue extends ProblemCatalogue>(catalogue: Catalogue) {
  return (
    code: keyof Catalogue & string,
    detail: string,
    faults: Fault[] = [],
    headers: Record<string, string> = {},
  ): Problem => new Problem((catalogue[code] as ProblemKind).status, code, detail, faults, headers);
}
