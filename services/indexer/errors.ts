/**
 * The indexer's errors answer one question: try again, or stop and let a person look?
 * Everything that is not an {@link IndexerStopped} is tried again.
 */

type StopCode = 'reorg_below_final' | 'chain_replaced' | 'schema_newer';

/** Going on would be wrong. Nothing was changed; the message is a sentence for the person at the terminal. */
export class IndexerStopped extends Error {
  override readonly name = 'IndexerStopped';
  readonly code: StopCode;

  constructor(code: StopCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Two answers of the node do not belong to one chain: it reorganised between them, lags behind itself, or lies. */
export class NodeInconsistent extends Error {
  override readonly name = 'NodeInconsistent';
  readonly code: 'node_inconsistent' | 'header_hash_wrong';

  constructor(message: string, code: NodeInconsistent['code'] = 'node_inconsistent') {
    super(message);
    this.code = code;
  }
}

/** The cursor is not where this writer left it: somebody else wrote. The round is undone and begins anew. */
export class CursorMoved extends Error {
  override readonly name = 'CursorMoved';
  readonly code = 'cursor_moved';
}
