/** The ledger is not what it must be. Its message says where, what was expected and what was found. */
export class LedgerDiffers extends Error {
  override readonly name = 'LedgerDiffers';
  readonly where: string;
  readonly expected: string;
  readonly found: string;

  constructor(where: string, expected: string, found: string) {
    super(`${where}: expected ${expected}, found ${found}.`);
    this.where = where;
    this.expected = expected;
    this.found = found;
  }
}
