/**
 * The indexer's script, after an option of node's. V8 lets what is newly made grow to 128 MiB on a machine with much memory before it looks
 * for garbage; a backfill makes little else, and with an eighth of that for each half it is as fast (`npm run bench:indexer`).
 */
export const indexerScript = ['--max-semi-space-size=16', 'services/indexer/main.ts'];
