/** Why a source's answer does not count. Metrics and the log name the same codes. */
export const refusalCodes = [
  'source_unreachable',
  'source_timeout',
  'source_too_large',
  'source_garbage',
  'source_wrong_unit',
  'source_future',
  'source_stale',
  'source_outlier',
  'source_window_missing',
  'source_duplicate_window',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** An answer that does not count; the message says what was observed and what was expected. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
