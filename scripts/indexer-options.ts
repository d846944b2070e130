/**
 * NODE_OPTIONS of the indexer. V8 lets what is newly made grow to 128 MiB on a machine with much memory before it looks for garbage; a
 * backfill makes little else, and with an eighth of that for each half it is as fast (`npm run bench:indexer`).
 */
export const indexerNodeOptions = '--max-semi-space-size=16';
