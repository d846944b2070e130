import type { Database } from '../platform/database.ts';
import type { BlockReference, ChainNode, Header } from './chainNode.ts';
import { type Cursor, storedHash } from './cursor.ts';
import { IndexerStopped } from './errors.ts';

/**
 * The last block that the database and the branch of `tip` have in common. Walks back by hash, so that the node must
 * show every block of the other branch before anything is undone.
 * @param tip A block of the node's branch, at most one above the cursor's head.
 * @throws IndexerStopped `reorg_below_final` when the branches part below the final block.
 */
export async function commonAncestor(
  node: ChainNode,
  database: Database,
  chainId: number,
  cursor: Cursor,
  tip: Header,
): Promise<BlockReference> {
  let child = tip;
  for (;;) {
    const parent = { number: child.number - 1n, hash: child.parentHash };
    const stored = await storedHash(database, chainId, cursor, parent.number);
    if (stored === parent.hash) return parent;
    if (parent.number <= cursor.finalNumber)
      throw new IndexerStopped(
        'reorg_below_final',
        `Block ${parent.number} of chain ${chainId} is final here with hash ${stored}; the node now has ${parent.hash}. Nothing was changed, and nothing more is read. Compare with another node: if this one is wrong, point RPC_URL to a right one; if the chain itself went back, payments that counted as final may be gone: index into an empty database and reconcile.`,
      );
    child = await node.headerByHash(parent);
  }
}
