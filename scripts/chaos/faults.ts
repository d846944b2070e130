/** Every fault that the simulator knows, by name: its kind, how often it comes, and what it is. */

/** What a fault breaks. Each run has some of every family, by the weights within it. */
export type Family = 'process' | 'chain' | 'database' | 'node' | 'partner' | 'bank' | 'oracle';

interface FaultDescription {
  family: Family;
  /** Its share among the faults of its family. */
  weight: number;
  what: string;
}

export const faults = {
  'settlement-killed': { family: 'process', weight: 4, what: 'SIGKILL of a settlement process' },
  'indexer-killed': { family: 'process', weight: 3, what: 'SIGKILL of an indexer process' },
  'all-killed': { family: 'process', weight: 2, what: 'SIGKILL of every service process at once' },
  'killed-before-commit': {
    family: 'process',
    weight: 4,
    what: 'SIGKILL when the n-th COMMIT leaves the process; the database never gets it',
  },
  'killed-after-commit': {
    family: 'process',
    weight: 4,
    what: 'SIGKILL when the database has done the n-th COMMIT; the process never learns of it',
  },
  'killed-before-send': {
    family: 'process',
    weight: 3,
    what: 'SIGKILL when signed bytes leave the process; no node gets them',
  },
  'killed-after-send': {
    family: 'process',
    weight: 3,
    what: 'SIGKILL when the node has taken signed bytes; the process never learns of it',
  },
  'two-workers': {
    family: 'process',
    weight: 1,
    what: 'SIGSTOP of a settlement process until another has its lane, then SIGCONT: two workers on one lane',
  },

  'clock-off': {
    family: 'process',
    weight: 1,
    what: "the clock of a service's host jumps by an hour, forwards or back, and is set right later",
  },

  'reorg-dropped': {
    family: 'chain',
    weight: 4,
    what: 'reorganisation of depth 1 to 8; the node loses every transaction of the undone blocks',
  },
  'reorg-moved': {
    family: 'chain',
    weight: 4,
    what: 'reorganisation of depth 1 to 8; the transactions come again, in other blocks and another order',
  },
  'reorg-twice': {
    family: 'chain',
    weight: 4,
    what: "reorganisation of depth 1 to 8; the payments come again by somebody else's transaction, and by ours",
  },
  'transaction-dropped': { family: 'chain', weight: 1, what: 'the node forgets what is in its mempool' },
  'fee-too-low': { family: 'chain', weight: 1, what: 'the base fee rises over what was offered' },
  'signer-used-outside': {
    family: 'chain',
    weight: 1,
    what: "a transaction from elsewhere takes the signer's next nonce",
  },
  'poison-batch': {
    family: 'chain',
    weight: 1,
    what: "a payer takes its allowance back: its batches revert at the lane's head, then are refused",
  },
  'poison-transaction': {
    family: 'chain',
    weight: 1,
    what: "the signer runs out of ETH: the transaction at the lane's head cannot be mined",
  },
  'token-paused': { family: 'chain', weight: 1, what: 'the issuer pauses the token for a while' },
  'recipient-frozen': {
    family: 'chain',
    weight: 1,
    what: 'the issuer freezes recipients while they are paid',
  },

  'database-killed': { family: 'database', weight: 4, what: 'SIGKILL of PostgreSQL, then a restart' },
  'disk-full': {
    family: 'database',
    weight: 1,
    what: 'PostgreSQL has no room left: for a while it refuses every statement that writes',
  },
  'database-restored': {
    family: 'database',
    weight: 1,
    what: 'PostgreSQL goes on from a base backup that is older than the last payments; partners repeat their requests',
  },

  'send-lost': { family: 'node', weight: 2, what: 'sending breaks off before the node has the transaction' },
  'send-landed': { family: 'node', weight: 2, what: 'sending breaks off although the transaction landed' },
  'send-hangs': { family: 'node', weight: 1, what: 'the node takes a transaction and never answers' },
  'send-swallowed': {
    family: 'node',
    weight: 1,
    what: 'the node says that it took a transaction, and did not',
  },
  'rpc-silent': { family: 'node', weight: 1, what: 'the node cuts every connection' },
  'rpc-lags': { family: 'node', weight: 1, what: 'the node is some blocks behind itself' },
  'rpc-repeats': { family: 'node', weight: 1, what: 'the node gives old answers again' },
  'rpc-reorders': { family: 'node', weight: 1, what: 'answers come late and in another order' },
  'rpc-garbage': { family: 'node', weight: 1, what: 'the node answers with an error page or nonsense' },
  'rpc-lies': {
    family: 'node',
    weight: 2,
    what: 'the node invents, changes and denies receipts, logs, blocks and transactions',
  },

  'nodes-disagree': {
    family: 'node',
    weight: 2,
    what: 'the second node (RPC_URL_2) has other blocks, is behind, or says nothing, while the first is right',
  },

  'client-repeats': {
    family: 'partner',
    weight: 2,
    what: 'partners send everything again, under the same keys to both processes at once, and under new keys',
  },
  'receiver-down': { family: 'partner', weight: 1, what: 'webhook receivers cut every connection' },
  'receiver-slow': { family: 'partner', weight: 1, what: 'webhook receivers answer after the time-out' },
  'receiver-twice': {
    family: 'partner',
    weight: 1,
    what: 'webhook receivers take a message and answer 500, so that it comes again',
  },
  'receiver-redirects': {
    family: 'partner',
    weight: 1,
    what: 'webhook receivers redirect to an address inside; nobody may follow',
  },

  'bank-silent': {
    family: 'bank',
    weight: 1,
    what: "the statement of the reserve's bank with the latest mints and burns comes late, or not in this run",
  },
  'bank-repeats': {
    family: 'bank',
    weight: 1,
    what: 'the bank sends a statement twice, with an entry twice in it, and may take that back',
  },
  'bank-returns': {
    family: 'bank',
    weight: 1,
    what: 'money for which coins were minted goes back, after it was booked',
  },

  'reporter-killed': {
    family: 'oracle',
    weight: 3,
    what: 'SIGKILL of a reporter of the oracle, which stays dead for a while',
  },
  'reporters-killed': {
    family: 'oracle',
    weight: 1,
    what: 'SIGKILL of every reporter of the oracle at once',
  },
  'reporter-lies': {
    family: 'oracle',
    weight: 4,
    what: 'the sources of one reporter (f = 1, always the same in a run) say what is not so, and it signs that',
  },
  'source-stalls': {
    family: 'oracle',
    weight: 1,
    what: "a reporter's sources go on saying what they said a while ago",
  },
  'source-silent': { family: 'oracle', weight: 1, what: "a reporter's sources do not answer" },
  'source-unit-changed': {
    family: 'oracle',
    weight: 1,
    what: "a reporter's sources give their values in another unit",
  },
} as const satisfies Record<string, FaultDescription>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as FaultName[];

export function faultsOf(family: Family): FaultName[] {
  return faultNames.filter((name) => faults[name].family === family);
}
