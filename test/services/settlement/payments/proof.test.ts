import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Address, Hex } from 'viem';
import { runCommand } from '../../../../scripts/command.ts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { verifyPaymentProof } from '../../../../services/core/evm/paymentProof.ts';
import type { PaymentProof } from '../../../../services/core/evm/paymentProofFile.ts';
import { compareWithChain } from '../../../../services/core/evm/receiptProof.ts';
import { domains } from '../../../../services/settlement/app.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { type NodeProxy, startNodeProxy } from '../../../support/nodeProxy.ts';
import { changed, leavesOf, refusalOf, withLeaf } from '../../../support/proofs.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { freshWallet, type Stage, startStage } from '../../../support/stage.ts';

const VALUES = ['1.00', '20.50', '3.00', '0.01'];
/** Which of the payments goes to a recipient that takes no money. */
const RETURNED = 2;

describe('payments: the proof', () => {
  let stage: Stage;
  let lane: ReturnType<typeof createLane>;
  let node: NodeProxy;
  let api: SettlementApi;
  let partner: TestPartner;
  let ids: string[];
  let recipients: Address[];
  let proofs: PaymentProof[];
  const folder = mkdtempSync(path.join(tmpdir(), 'corridor-proof-'));

  before(async () => {
    stage = await startStage();
    lane = createLane(stage.laneParts); // one for all tests: a second one would stand by until its lease runs out
    node = await startNodeProxy(stage.chain.rpcUrl);
    const environment = { DATABASE_URL: stage.databaseUrl, RPC_URL: node.rpcUrl };
    api = await startSettlementApi(environment, domains, stage.chain.deployment);
    partner = await api.partner();
    await stage.openAccount('USD', stage.treasury, partner.id);
    recipients = VALUES.map(() => freshWallet());
    recipients[RETURNED] = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
    ids = [];
    for (const [index, value] of VALUES.entries()) ids.push(await pay(recipients[index] as Address, value));
    await settleBesideOthers();
    await stage.finalise();
    proofs = [];
    for (const id of ids) proofs.push((await ask(id)).body);
  });
  after(async () => {
    await api?.stop();
    await node?.[Symbol.asyncDispose]();
    await stage?.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => node.distort((_, result) => result));

  const ask = (id: string, by = partner) => by.call('GET', `/v1/payments/${id}/proof`);
  async function pay(recipient: Address, value: string): Promise<string> {
    const { status, body } = await partner.call('POST', '/v1/payments', {
      endToEndId: `PROOF-${crypto.randomUUID().slice(0, 20)}`,
      amount: { currency: 'USD', value },
      creditor: { name: 'Supplier', account: { scheme: 'EVM', identification: recipient } },
    });
    expect([status, body.status]).to.deep.equal([201, 'accepted']);
    return body.id;
  }
  /** Into a block with more transactions than a node of the trie has places, so that there is something to find it among. */
  async function settleBesideOthers() {
    const wallet = stage.chain.wallet(localAccounts.treasury);
    const address = stage.chain.deployment.stablecoins.EUR.address;
    for (let sent = 0; sent < 20; sent++)
      await wallet.writeContract({
        address,
        abi: stablecoinAbi,
        functionName: 'transfer',
        args: [freshWallet(), BigInt(sent)],
        gas: 100_000n,
      });
    await stage.batch();
    await lane.round();
    await stage.mine();
  }
  const proofOf = (index: number) => structuredClone(proofs[index]) as PaymentProof;
  const blockOnChain = async () => {
    const block = await stage.chain.client.getBlock({ blockHash: proofOf(0).block.hash });
    return { chainId: stage.chainId, hash: block.hash, transactions: block.transactions };
  };
  /** `npm run verify:proof` of this JSON text. */
  const verifyFile = async (text: string, ...options: string[]) => {
    const file = path.join(folder, 'proof.json');
    writeFileSync(file, text);
    return runCommand('node', ['scripts/verify-proof.ts', file, ...options], { limitSeconds: 60 });
  };

  it('is of the payment as it was instructed, settled or returned', async () => {
    for (const [index, id] of ids.entries()) {
      const { payment, contracts, chainId, transaction, block } = verifyPaymentProof(proofOf(index));
      const { body } = await partner.call('GET', `/v1/payments/${id}`);
      const outcome = index === RETURNED ? 'returned' : 'settled';
      expect(body.status).to.equal(outcome);
      expect(payment).to.deep.include({
        payer: stage.treasury.toLowerCase(),
        recipient: recipients[index]?.toLowerCase(),
        amount: String(BigInt((VALUES[index] as string).replace('.', '')) * 10_000n),
        sequence: String(body.sequence),
        outcome,
      });
      expect(contracts).to.deep.equal({
        router: stage.chain.deployment.paymentRouter.toLowerCase(),
        token: stage.chain.deployment.stablecoins.USD.address.toLowerCase(),
      });
      expect(chainId).to.equal(stage.chainId);
      expect([transaction.hash, block.hash]).to.deep.equal([body.transactionHash, body.blockHash]);
      compareWithChain(proofOf(index), await blockOnChain());
    }
    expect(proofOf(0).receiptProof.length).to.be.greaterThan(1);
  });

  it('is refused when any leaf of it is changed, left out or added to', async () => {
    const chain = await blockOnChain();
    const codes = new Map<string, string | undefined>();
    for (const index of [0, RETURNED])
      for (const place of leavesOf(proofOf(index))) {
        for (const change of [changed, () => undefined]) {
          const wrong = withLeaf(proofOf(index), place, change);
          const code = refusalOf(() => compareWithChain(verifyPaymentProof(wrong), chain));
          expect(code, `${change.name} ${place.join('/')}`).to.be.a('string');
          if (change === changed) codes.set(place.slice(0, 2).join('/'), code);
        }
      }
    expect(Object.fromEntries(codes)).to.include({
      format: 'proof_malformed',
      chainId: 'chain_differs',
      'contracts/router': 'payment_not_in_receipt',
      'contracts/token': 'payment_not_in_receipt',
      'payment/payer': 'payment_not_in_receipt',
      'payment/recipient': 'payment_differs',
      'payment/amount': 'payment_differs',
      'payment/outcome': 'payment_differs',
      'payment/logIndex': 'payment_differs',
      'batch/commitment': 'batch_differs',
      'transaction/hash': 'transaction_differs',
      'transaction/index': 'receipt_not_in_block',
      receipt: 'receipt_differs',
      'receiptProof/0': 'receipt_not_in_block',
      'block/hash': 'block_hash_differs',
      'block/header': 'block_hash_differs',
    });
    for (const place of [[], ['payment'], ['block', 'header']])
      expect(
        refusalOf(() => verifyPaymentProof(withLeaf(proofOf(0), [...place, 'note'], () => '0x'))),
      ).to.equal('proof_malformed');
  });

  it('is refused with the parts of another payment', () => {
    const [mine, other] = [proofOf(0), proofOf(1)];
    expect(
      refusalOf(() =>
        verifyPaymentProof({ ...mine, payment: { ...mine.payment, sequence: other.payment.sequence } }),
      ),
    ).to.equal('payment_differs');
    expect(refusalOf(() => verifyPaymentProof({ ...mine, payment: other.payment }))).to.equal(undefined);
    const beyond = String(BigInt(mine.batch.firstSequence) + BigInt(VALUES.length));
    expect(
      refusalOf(() => verifyPaymentProof({ ...mine, payment: { ...mine.payment, sequence: beyond } })),
    ).to.equal('payment_not_in_receipt');
    const nodes = mine.receiptProof;
    for (const receiptProof of [nodes.slice(1), nodes.toReversed(), [...nodes, nodes[0] as Hex], []])
      expect(refusalOf(() => verifyPaymentProof({ ...mine, receiptProof }))).to.equal('receipt_not_in_block');
  });

  it('is refused when it is something else', () => {
    for (const wrong of [undefined, null, 1, 'proof', [], {}])
      expect(refusalOf(() => verifyPaymentProof(wrong))).to.equal('proof_malformed');
  });

  describe('npm run verify:proof', () => {
    it('says what is proven, and that the block is compared with no node', async () => {
      const { code, output } = await verifyFile(JSON.stringify(proofOf(0)));
      expect(code, output).to.equal(0);
      const [proven, open] = output.split('NOT PROVEN') as [string, string];
      for (const fact of [proofOf(0).block.hash, recipients[0]?.toLowerCase(), '1000000 units'])
        expect(proven).to.include(fact);
      expect(proven).to.match(/^PROVEN, if 0x/);
      expect(open).to.include('not compared with a node');
    });

    it('compares with a node, and with a hash from elsewhere', async () => {
      const { hash } = proofOf(RETURNED).block;
      const { code, output } = await verifyFile(
        JSON.stringify(proofOf(RETURNED)),
        '--rpc',
        stage.chain.rpcUrl,
        '--block-hash',
        hash,
      );
      expect(code, output).to.equal(0);
      const [proven, open] = output.split('NOT PROVEN') as [string, string];
      expect(proven)
        .to.match(/was returned/)
        .and.match(/\d+ blocks stand on it/);
      expect(open).not.to.include('node');
    });

    const wrong: [name: string, code: string, text: () => string, ...options: string[]][] = [
      [
        'a changed amount',
        'payment_differs',
        () => JSON.stringify(withLeaf(proofOf(0), ['payment', 'amount'], changed)),
      ],
      [
        'another block hash',
        'block_not_on_chain',
        () => JSON.stringify(proofOf(0)),
        '--block-hash',
        `0x${'12'.repeat(32)}`,
      ],
      [
        'a member that stands twice',
        'proof_malformed',
        () => JSON.stringify(proofOf(0)).replace('{', '{"chainId":1,'),
      ],
      ['a file that is no JSON', 'proof_malformed', () => '{'],
      [
        'a node that does not answer',
        'node_unreachable',
        () => JSON.stringify(proofOf(0)),
        '--rpc',
        'http://127.0.0.1:1',
      ],
    ];
    for (const [name, expected, text, ...options] of wrong)
      it(`refuses ${name}: ${expected}, exit code 1`, async () => {
        const { code, output } = await verifyFile(text(), ...options);
        expect(code).to.equal(1);
        expect(output).to.match(new RegExp(`^REFUSED ${expected}: `));
      });

    it('refuses a block that the chain has undone, and one of another chain', async () => {
      node.distort(({ method }, result) =>
        method === 'eth_getBlockByNumber' ? { ...result, hash: `0x${'34'.repeat(32)}` } : result,
      );
      const undone = await verifyFile(JSON.stringify(proofOf(0)), '--rpc', node.rpcUrl);
      expect(undone.output).to.match(/^REFUSED block_not_on_chain: /);
      node.distort(({ method }, result) => (method === 'eth_chainId' ? '0x1' : result));
      const foreign = await verifyFile(JSON.stringify(proofOf(0)), '--rpc', node.rpcUrl);
      expect(foreign.output).to.match(/^REFUSED chain_differs: /);
    });
  });

  describe('GET /v1/payments/{id}/proof', () => {
    it('knows only the payments of the partner who asks', async () => {
      const other = await api.partner();
      for (const answer of [await ask(ids[0] as string, other), await ask('pay_none')])
        expect([answer.status, answer.body.code]).to.deep.equal([404, 'payment_not_found']);
    });

    it('has no proof before the payment is final, and says in which state it is', async () => {
      const id = await pay(freshWallet(), '1.00');
      const expectState = async (state: string) => {
        const { status, body } = await ask(id);
        expect([status, body.code]).to.deep.equal([409, 'payment_not_settled']);
        expect(body.detail).to.include(state);
      };
      await expectState('reserved');
      await stage.batch();
      await lane.round();
      await expectState('broadcast');
      await stage.mine();
      await stage.follow();
      await expectState('included');
      await stage.finalise();
      const { status, body } = await ask(id);
      expect(status).to.equal(200);
      expect(verifyPaymentProof(body).payment.outcome).to.equal('settled');
    });

    it('takes the receipts at once where the node has them so', async () => {
      node.serve('eth_getBlockReceipts', async ([hash]) => {
        const { transactions } = await stage.chain.client.getBlock({ blockHash: hash as Hex });
        return Promise.all(
          transactions.map((each) => stage.chain.request('eth_getTransactionReceipt', [each])),
        );
      });
      expect((await ask(ids[0] as string)).body).to.deep.equal(proofOf(0));
    });

    // What a node may answer, by method. The last test that asks: the proxy serves the receipts at once from now on.
    type Lie = (result: Record<string, unknown>) => unknown;
    const lies: [name: string, method: string, lie: Lie][] = [
      ['does not have the block', 'eth_getBlockByHash', () => null],
      ['gives a header with another field', 'eth_getBlockByHash', (block) => ({ ...block, gasUsed: '0x1' })],
      ['gives a header without a field', 'eth_getBlockByHash', ({ stateRoot: _, ...block }) => block],
      ['gives something else than hex', 'eth_getBlockByHash', (block) => ({ ...block, miner: 'nobody' })],
      [
        'gives a block without the transaction',
        'eth_getBlockByHash',
        (block) => ({ ...block, transactions: [] }),
      ],
      ['does not have the receipts', 'eth_getBlockReceipts', () => null],
      ['leaves a receipt out', 'eth_getBlockReceipts', (receipts) => Object.values(receipts).slice(0, -1)],
      [
        'leaves the logs out',
        'eth_getBlockReceipts',
        (receipts) => Object.values(receipts).map((receipt) => ({ ...(receipt as object), logs: [] })),
      ],
      ['gives something else than receipts', 'eth_getBlockReceipts', () => 'receipts'],
    ];
    for (const [name, method, lie] of lies)
      it(`hands nothing out when the node ${name}`, async () => {
        node.distort((call, result) => (call.method === method ? lie(result) : result));
        const { status, body, headers } = await ask(ids[0] as string);
        expect([status, body.code]).to.deep.equal([503, 'proof_not_obtainable']);
        expect(headers.get('retry-after')).to.match(/^\d+$/);
      });

    it('hands nothing out when the node is not there, and does not say where it would be', async () => {
      node.silence(true);
      try {
        const { status, body } = await ask(ids[0] as string);
        expect([status, body.code]).to.deep.equal([503, 'proof_not_obtainable']);
        expect(JSON.stringify(body)).not.to.include(new URL(node.rpcUrl).host);
      } finally {
        node.silence(false);
      }
    });
  });
});
