/** Reads of the chain, so many at once that a node bears them. */

const READS_AT_ONCE = 25;

/** What `read` gives of each, some at once, in their order. */
export async function readInParts<Item, Found>(
  items: readonly Item[],
  read: (item: Item) => Promise<Found>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let start = 0; start < items.length; start += READS_AT_ONCE)
    found.push(...(await Promise.all(items.slice(start, start + READS_AT_ONCE).map(read))));
  return found;
}
