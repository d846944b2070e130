import { expect } from 'chai';
import { concatHex, type Hex, keccak256, numberToHex, pad, toEventSelector, toRlp } from 'viem';
import { blockHash, type RpcHeader } from '../../../services/core/evm/blockHeader.ts';
import { verifyPaymentProof } from '../../../services/core/evm/paymentProof.ts';
import type { RpcReceipt } from '../../../services/core/evm/receipt.ts';
import { compareBlockHash, ProofRefused } from '../../../services/core/evm/receiptProof.ts';
import { receiptProof, receiptsRoot } from '../../../services/core/evm/receiptTrie.ts';

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [payer, token, router, alice, bob, operator] = ['a', 'b', 'c', 'd', 'e', 'f'].map(address) as [
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
  Hex,
];
const word = (value: bigint) => numberToHex(value, { size: 32 });
const packed = (recipient: Hex, amount: bigint) => concatHex([recipient, numberToHex(amount, { size: 12 })]);
const log = (contract: Hex, event: string, indexed: Hex[], ...values: Hex[]) => ({
  address: contract,
  topics: [toEventSelector(event), ...indexed.map((value) => pad(value))],
  data: concatHex(values.map((value) => pad(value))),
});
const transfer = (to: Hex, amount: bigint) =>
  log(token, 'Transfer(address,address,uint256)', [payer, to], word(amount));
const commitment = keccak256(concatHex([packed(alice, 5n), packed(bob, 7n)]));
/** Sequences 10 (to alice, 5) and 11 (to bob, 7). */
const settled = (over: { emitter?: Hex; commitment?: Hex; count?: bigint } = {}) =>
  log(
    over.emitter ?? router,
    'BatchSettled(address,address,uint256,uint256,uint256,bytes32,address)',
    [payer, token, word(10n)],
    word(over.count ?? 2n),
    word(12n),
    over.commitment ?? commitment,
    operator,
  );
const honest = () => [transfer(alice, 5n), transfer(bob, 7n), settled()];

/** A block of one's own making with one transaction: nobody can tell without the chain. */
function madeUp(receiptsRoot: Hex): RpcHeader {
  const zeros = (bytes: number): Hex => `0x${'00'.repeat(bytes)}`;
  return {
    parentHash: zeros(32),
    sha3Uncles: zeros(32),
    miner: zeros(20),
    stateRoot: zeros(32),
    transactionsRoot: zeros(32),
    receiptsRoot,
    logsBloom: zeros(256),
    difficulty: '0x0',
    number: '0x7',
    gasLimit: '0x0',
    gasUsed: '0x0',
    timestamp: '0x0',
    extraData: '0x',
    mixHash: zeros(32),
    nonce: zeros(8),
  };
}

const around = (header: RpcHeader, receipt: Hex, nodes: Hex[]) => ({
  format: 'corridor-payment-proof-1',
  chainId: 1,
  contracts: { router, token },
  payment: { payer, recipient: bob, amount: '7', sequence: '11', outcome: 'settled', logIndex: 1 },
  batch: { firstSequence: '10', count: '2', amount: '12', commitment, operator, logIndex: 2 },
  transaction: { hash: word(1n), index: 0 },
  receipt,
  receiptProof: nodes,
  block: { hash: blockHash(header), header },
});

function proofOf(logs: RpcReceipt['logs'], over: Partial<RpcReceipt> = {}) {
  const receipt: RpcReceipt = {
    type: '0x2',
    status: '0x1',
    cumulativeGasUsed: '0x5208',
    logsBloom: `0x${'00'.repeat(256)}`,
    logs,
    ...over,
  };
  const body = [receipt.status === '0x1' ? '0x01' : '0x', '0x5208', receipt.logsBloom];
  const bytes = concatHex([
    '0x02',
    toRlp([...body, logs.map((each) => [each.address, each.topics, each.data])] as never),
  ]);
  return around(madeUp(receiptsRoot([receipt])), bytes, receiptProof([receipt], 0));
}

const refusalOf = (proof: unknown) => {
  try {
    verifyPaymentProof(proof);
  } catch (error) {
    if (error instanceof ProofRefused) return error.code;
    throw error;
  }
  return undefined;
};

describe('EVM: the proof of a payment', () => {
  it('holds for a block that somebody made up, which only the hash of the chain tells', () => {
    const proof = verifyPaymentProof(proofOf(honest()));
    expect(() => compareBlockHash(proof, proof.block.hash)).not.to.throw();
    expect(() => compareBlockHash(proof, word(1n)))
      .to.throw(ProofRefused)
      .with.property('code', 'block_not_on_chain');
  });

  it('takes logs of other contracts, and events that are not of payments, for what they are', () => {
    const strange = { address: operator, topics: [], data: '0x' as Hex };
    const approval = log(token, 'Approval(address,address,uint256)', [payer, router], word(1n));
    const [first, second, batch] = honest() as [
      ReturnType<typeof transfer>,
      ReturnType<typeof transfer>,
      ReturnType<typeof settled>,
    ];
    const proof = proofOf([strange, first, approval, { ...strange, address: token }, second, batch]);
    proof.payment.logIndex = 4;
    proof.batch.logIndex = 5;
    expect(refusalOf(proof)).to.equal(undefined);
  });

  for (const [name, code, proof] of [
    ['the transaction failed', 'transaction_failed', () => proofOf(honest(), { status: '0x0' })],
    ['a transfer is missing', 'batch_not_proven', () => proofOf(honest().slice(1))],
    [
      'a transfer is of another amount',
      'batch_not_proven',
      () => proofOf([transfer(alice, 5n), transfer(bob, 8n), settled()]),
    ],
    [
      'the commitment is another',
      'batch_not_proven',
      () => proofOf([...honest().slice(0, 2), settled({ commitment: word(1n) })]),
    ],
    [
      'the batch claims more payments than any loop should count',
      'batch_not_proven',
      () => proofOf([...honest().slice(0, 2), settled({ count: 2n ** 256n - 1n })]),
    ],
    [
      'another contract than the router says so',
      'payment_not_in_receipt',
      () => proofOf([...honest().slice(0, 2), settled({ emitter: operator })]),
    ],
    ['the transfers come after the batch', 'batch_not_proven', () => proofOf(honest().toReversed())],
  ] as const)
    it(`is refused when ${name}: ${code}`, () => {
      expect(refusalOf(proof())).to.equal(code);
    });

  it('is refused when the block has something else than a receipt there: receipt_malformed', () => {
    for (const value of [
      '0x',
      '0x02',
      '0x05c0',
      '0xc0',
      '0xc401020304',
      '0x02c5010203c1c0',
      '0xff',
    ] as Hex[]) {
      const leaf = toRlp(['0x2080', value]);
      expect(refusalOf(around(madeUp(keccak256(leaf)), value, [leaf])), value).to.equal('receipt_malformed');
    }
  });

  it('is refused when a field of a later fork stands without those before it', () => {
    const proof = proofOf(honest());
    const header = { ...proof.block.header, withdrawalsRoot: word(1n) };
    expect(refusalOf({ ...proof, block: { ...proof.block, header } })).to.equal('proof_malformed');
  });
});
