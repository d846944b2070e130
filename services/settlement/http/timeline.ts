/** What became of a thing, in order, as every domain shows it. */
import { z } from 'zod';

/** @param thing whose timeline it is, for the API's description */
export const timelineField = (thing: string) =>
  z
    .array(
      z.strictObject({
        at: z.iso.datetime(),
        state: z.string(),
        detail: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
    )
    .optional()
    .meta({ description: `The timeline; only where one ${thing} is asked for.` });
