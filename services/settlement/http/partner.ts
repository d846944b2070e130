import type { Request } from 'express';

/** Who signed the request. */
export interface Partner {
  /** `ptn_...` */
  id: string;
  name: string;
  /** The key that the request was signed with. */
  keyId: string;
}

const partners = new WeakMap<Request, Partner>();

/** The partner that signed this request. Throws on a route that is not behind authentication. */
export function partnerOf(request: Request): Partner {
  const partner = partners.get(request);
  if (!partner) throw new Error(`${request.method} ${request.path} is not behind authentication`);
  return partner;
}

/** Notes who signed the request; only authentication calls it. */
export function setPartner(request: Request, partner: Partner): void {
  partners.set(request, partner);
}
