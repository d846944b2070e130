import { expect } from 'chai';
import { concatHex, type Hex, keccak256 } from 'viem';
import type { EventArgument } from '../../../services/core/evm/eventArguments.ts';
import type { ContractEvent, WatchedContracts } from '../../../services/indexer/contractEvents.ts';
import { paymentsOf } from '../../../services/indexer/domains/payments/settledBatch.ts';
import { type BatchItem, packed } from './activity.ts';

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [payer, token, router, alice, bob] = ['a', 'b', 'c', 'd', 'e'].map(address) as [
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
];
const contracts: WatchedContracts = {
  addresses: [token, router],
  tokens: new Set([token]),
  router,
  eventsByAddress: new Map(),
};

describe('indexer: the payments of a settled batch', () => {
  let events: ContractEvent[];
  beforeEach(() => {
    events = [];
  });
  const add = (contract: Hex, name: string, args: Record<string, EventArgument>, transaction = '1') =>
    events.push({
      blockNumber: 7n,
      logIndex: events.length,
      transactionHash: `0x${transaction.repeat(64)}`,
      transactionIndex: 0,
      contract,
      name,
      arguments: args,
    });
  const transfer = (to: Hex, value: bigint, from: Hex = payer) => add(token, 'Transfer', { from, to, value });
  const returned = (sequence: bigint, recipient: Hex, amount: bigint) =>
    add(router, 'PaymentReturned', { payer, sequence, recipient, token, amount });
  const settled = (firstSequence: bigint, items: BatchItem[], amount: bigint, changes = {}) =>
    add(router, 'BatchSettled', {
      payer,
      token,
      firstSequence,
      count: BigInt(items.length),
      amount,
      commitment: keccak256(concatHex(items.map(packed))),
      operator: router,
      ...changes,
    });
  const outcomes = () =>
    paymentsOf(contracts, events).payments.map(({ sequence, recipient, amount, outcome }) => [
      sequence,
      recipient,
      amount,
      outcome,
    ]);
  const items = [
    { recipient: alice, amount: 1n },
    { recipient: bob, amount: 2n },
    { recipient: alice, amount: 3n },
  ];
  const expectUnproven = () => {
    const { payments, unproven } = paymentsOf(contracts, events);
    expect(payments).to.deep.equal([]);
    expect(unproven).to.have.length(1);
  };

  it('takes the transfers in order, and the returned ones at their sequence', () => {
    transfer(alice, 1n);
    transfer(alice, 3n);
    returned(11n, bob, 2n);
    settled(10n, items, 4n);
    expect(outcomes()).to.deep.equal([
      [10n, alice, 1n, 'settled'],
      [11n, bob, 2n, 'returned'],
      [12n, alice, 3n, 'settled'],
    ]);
  });

  it('tells them from other transfers of the same payer and of others before them', () => {
    transfer(bob, 9n);
    transfer(payer, 8n, bob);
    for (const { recipient, amount } of items) transfer(recipient, amount);
    settled(1n, items, 6n);
    for (const { recipient, amount } of items) transfer(recipient, amount);
    settled(4n, items, 6n);
    expect(outcomes().map(([sequence]) => sequence)).to.deep.equal([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('does not take transfers of another transaction', () => {
    for (const { recipient, amount } of items) transfer(recipient, amount);
    add(router, 'BatchSettled', {}, '2');
    settled(1n, items, 6n);
    expect(paymentsOf(contracts, events).payments).to.deep.equal([]);
  });

  it('invents no payment when a transfer is missing, changed or swapped', () => {
    for (const wrong of [
      [items[0], items[1]],
      [items[1], items[0], items[2]],
      [items[0], items[1], { recipient: alice, amount: 2n ** 96n + 3n }],
    ] as BatchItem[][]) {
      events = [];
      for (const { recipient, amount } of wrong) transfer(recipient, amount);
      settled(1n, items, 6n);
      expectUnproven();
    }
  });

  it('invents no payment when the sum is not what the event says', () => {
    for (const { recipient, amount } of items) transfer(recipient, amount);
    settled(1n, items, 7n);
    expectUnproven();
  });

  it('invents no payment when a returned one is not of the batch', () => {
    transfer(alice, 1n);
    transfer(bob, 2n);
    returned(99n, alice, 3n);
    settled(1n, items, 3n);
    expectUnproven();
  });

  it('leaves a token out that the deployment does not know', () => {
    settled(1n, items, 6n, { token: bob });
    expect(paymentsOf(contracts, events)).to.deep.equal({ payments: [], unproven: [] });
  });
});
