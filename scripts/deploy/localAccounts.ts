/** What each account of the public mnemonic is, by its index. Those from 5 on are wallets of suppliers and users. */
export const localAccounts = {
  admin: 0,
  operator: 1,
  minter: 2,
  treasury: 3,
  frozenSupplier: 4,
  underwriter: 18,
  ledgerAnchorer: 19,
} as const;
