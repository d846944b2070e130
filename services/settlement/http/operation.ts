import type { z } from 'zod';

/** A body by its media type: a zod schema for JSON, a sentence for anything else. */
export type BodyByMediaType = Readonly<Record<string, z.ZodType | string>>;

/** One route as the API description shows it. Schemas with `.meta({ id: 'Payment' })` become named components. */
export interface Operation {
  method: 'get' | 'post' | 'delete';
  /** Answers everybody, who needs no signature. */
  isOpen?: true;
  /** With parameters in braces: `/v1/payments/{id}`. */
  path: `/${string}`;
  /** Heading under which it is listed. */
  tag: string;
  summary: string;
  description?: string;
  /** Query parameters. */
  query?: z.ZodObject;
  request?: BodyByMediaType;
  /** The answer when all is well. */
  answer: { status: number; description: string; body?: BodyByMediaType };
  /** Problem codes of the domain that this route may answer with, besides those of authentication and input. */
  problems?: readonly string[];
}
