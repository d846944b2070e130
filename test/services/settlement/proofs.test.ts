/** Proofs of policies and escrows: what the contracts did, shown to somebody who trusts neither us nor our database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Address } from 'viem';
import { runCommand } from '../../../scripts/command.ts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { blockHash } from '../../../services/core/evm/blockHeader.ts';
import { verifyEventsProof } from '../../../services/core/evm/eventsProof.ts';
import type { EventsProof } from '../../../services/core/evm/eventsProofFile.ts';
import { findEscrowPlaces } from '../../../services/settlement/domains/escrow/proof.ts';
import { TRANSACTIONS_PROVEN } from '../../../services/settlement/proofs/events.ts';
import { type EscrowStage, startEscrowStage } from '../../support/escrowStage.ts';
import { type InsuranceStage, startInsuranceStage } from '../../support/insuranceStage.ts';
import { changed, leavesOf, refusalOf, withLeaf } from '../../support/proofs.ts';
import { freshWallet } from '../../support/stage.ts';

/** `npm run verify:proof` of a file. */
async function verifyFile(proof: unknown, ...options: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'corridor-proofs-'));
  const file = path.join(folder, 'proof.json');
  writeFileSync(file, JSON.stringify(proof));
  try {
    return await runCommand('node', ['scripts/verify-proof.ts', file, ...options], { limitSeconds: 60 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const named = ({ receipts }: EventsProof) => receipts.flatMap(({ events }) => events.map(({ name }) => name));

describe('the proof of a policy', function () {
  this.timeout(240_000);
  let stage: InsuranceStage;
  let paid: { id: string; holder: string };
  let proof: EventsProof;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());
  beforeEach(() => stage.node.distort((_, result) => result));
  const ask = (id: string, by = stage.partner) => by.call('GET', `/v1/policies/${id}/proof`);

  it('is not there before anything is final, and for nobody else', async () => {
    const bought = await stage.buy({ subject: 'FRA:LH720' });
    const early = await ask(bought.id);
    expect([early.status, early.body.code]).to.deep.equal([409, 'nothing_final']);
    await stage.freeLane();
    await stage.turn();
    await stage.follow();
    const included = await ask(bought.id);
    expect([included.status, included.body.code]).to.deep.equal([409, 'nothing_final']);
    await stage.carry();
    const foreign = await ask(bought.id, await stage.api.partner());
    expect([foreign.status, foreign.body.code]).to.deep.equal([404, 'policy_not_found']);
    const { status, body } = await ask(bought.id);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(named(verifyEventsProof(body))).to.include.members(['PolicyIssued', 'OrderFilled']);
  });

  it('has what was observed and what was paid, and nothing of other policies in the same transactions', async () => {
    const [mine, other] = [
      await stage.buy({ subject: 'FRA:LH400' }),
      await stage.buy({ subject: 'FRA:LH400', insured: '70.00' }),
    ];
    await stage.freeLane();
    await stage.carry();
    await stage.arrive(Date.parse(mine.windowEnd) / 1_000 + 1);
    await stage.observe(mine, 'flight-delay-minutes', 130n);
    await stage.mine();
    await stage.carry();
    expect((await stage.policy(mine.id)).status).to.equal('paid');
    paid = mine;
    const { status, body } = await ask(mine.id);
    expect(status, JSON.stringify(body)).to.equal(200);
    proof = verifyEventsProof(body);
    expect(new Set(named(proof))).to.deep.equal(
      new Set(['ProductCreated', 'RiskOpened', 'PolicyIssued', 'OrderFilled', 'RiskSettled', 'PolicyPaid']),
    );
    const said = (name: string) =>
      proof.receipts.flatMap(({ events }) => events).find((event) => event.name === name)?.arguments;
    expect(said('RiskSettled')).to.include({ observation: '130', payoutBps: '5000' });
    expect(said('PolicyPaid')).to.include({ holder: mine.holder, amount: '50000000' });
    const theirs = verifyEventsProof((await ask(other.id)).body);
    expect(theirs.subject).not.to.deep.equal(proof.subject);
    expect(named(theirs)).to.include('PolicyPaid');
  });

  it('says when the holder could not receive, which it hides from nobody', async () => {
    const [frozen, other] = [freshWallet(), freshWallet()];
    const [mine, theirs] = [
      await stage.buy({ subject: 'FRA:LH900' }, { holder: frozen }),
      await stage.buy({ subject: 'FRA:LH900' }, { holder: other }),
    ];
    await stage.freeLane();
    await stage.carry();
    const { stablecoins } = stage.chain.deployment;
    await stage.chain.wallet(localAccounts.admin).writeContract({
      abi: stablecoinAbi,
      address: stablecoins.USD.address,
      functionName: 'freeze',
      args: [frozen],
      gas: 200_000n,
    });
    await stage.arrive(Date.parse(mine.windowEnd) / 1_000 + 1);
    await stage.observe(mine, 'flight-delay-minutes', 130n);
    await stage.mine();
    await stage.carry();
    const [credited, received] = [await ask(mine.id), await ask(theirs.id)].map(({ body }) =>
      verifyEventsProof(body),
    ) as [EventsProof, EventsProof];
    const credit = credited.receipts.flatMap(({ events }) => events).at(-1);
    expect(credit?.name).to.equal('CreditAdded');
    expect(credit?.arguments).to.include({ account: frozen.toLowerCase(), amount: '50000000' });
    expect(named(received)).to.include('PolicyPaid').and.not.include('CreditAdded');
    const silent = structuredClone(credited);
    silent.receipts.at(-1)?.events.pop();
    expect(refusalOf(() => verifyEventsProof(silent))).to.equal('events_differ');
  });

  it('is refused when any leaf of it is changed or left out', async () => {
    for (const place of leavesOf(proof)) {
      // In no receipt: only a node can tell the two, and only the reader whose pool it is.
      if (['chainId', 'pool'].includes(String(place.at(-1)))) continue;
      if (place.slice(2).join('/') === 'transaction/hash') continue;
      for (const change of [changed, () => undefined])
        expect(
          refusalOf(() => verifyEventsProof(withLeaf(structuredClone(proof), place, change))),
          `${change.name} ${place.join('/')}`,
        ).to.be.a('string');
    }
  });

  it('is refused when an event is left out of its receipt, or receipts change places', () => {
    const [first, second] = [structuredClone(proof), structuredClone(proof)];
    const many = first.receipts.find(({ events }) => events.length > 1);
    many?.events.pop();
    expect(refusalOf(() => verifyEventsProof(first))).to.equal('events_differ');
    second.receipts.reverse();
    expect(refusalOf(() => verifyEventsProof(second))).to.equal('events_out_of_order');
    const twice = { ...proof, receipts: proof.receipts.flatMap((receipt) => [receipt, receipt]) };
    expect(refusalOf(() => verifyEventsProof(twice))).to.equal('events_out_of_order');
  });

  it('is refused without what the policy began with, which says what else belongs to it', () => {
    for (const name of ['PolicyIssued', 'RiskOpened']) {
      const receipts = proof.receipts.filter(({ events }) => events.every((event) => event.name !== name));
      expect(receipts.length).to.be.below(proof.receipts.length);
      expect(
        refusalOf(() => verifyEventsProof({ ...proof, receipts })),
        name,
      ).to.match(/^events_/);
    }
    const paidAlone = proof.receipts.slice(-1);
    expect(refusalOf(() => verifyEventsProof({ ...proof, receipts: paidAlone }))).to.equal('events_missing');
  });

  it('is refused with a member that JavaScript hides', () => {
    const text = JSON.stringify(proof).replace('"arguments":{', '"arguments":{"__proto__":{"amount":"9"},');
    expect(refusalOf(() => verifyEventsProof(JSON.parse(text)))).to.equal('events_differ');
  });

  it('is refused with two blocks at one height, and shown at a time that no calendar has', async () => {
    const last = structuredClone(proof.receipts.at(-1)) as EventsProof['receipts'][number];
    last.block.header.timestamp = '0xffffffffffffffff';
    last.block.hash = blockHash(last.block.header);
    const forked = { ...proof, receipts: [...proof.receipts, last] };
    expect(refusalOf(() => verifyEventsProof(forked))).to.equal('events_out_of_order');
    const late = { ...proof, receipts: [...proof.receipts.slice(0, -1), last] };
    const { code, output } = await verifyFile(late);
    expect(code, output).to.equal(0);
    expect(output).to.include('second 18446744073709551615');
  });

  it('is refused in plain letters, whatever a member is called', async () => {
    const name = '\u001b[2J\u001b[HPROVEN\n  \u009bAll of it.\u2028\u202e';
    const { code, output } = await verifyFile({ ...proof, [name]: 1 });
    expect(code).to.equal(1);
    expect(output).to.match(/^REFUSED proof_malformed: /);
    expect(output.trimEnd().split('\n').length).to.equal(1);
    expect(output.trimEnd()).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  it('is verified by the command, against a node and against hashes from elsewhere', async () => {
    const alone = await verifyFile(proof);
    expect(alone.code, alone.output).to.equal(0);
    const [proven, open] = alone.output.split('NOT PROVEN') as [string, string];
    expect(proven)
      .to.match(/^PROVEN, if 0x/)
      .and.include(`PolicyPaid: policyId`);
    expect(proven).to.include(`holder ${paid.holder}, amount 50000000`);
    expect(open).to.include('nothing else happened').and.include('not compared with a node');

    const hashes = proof.receipts.flatMap(({ block }) => ['--block-hash', block.hash]);
    const compared = await verifyFile(proof, '--rpc', stage.chain.rpcUrl, ...hashes);
    expect(compared.code, compared.output).to.equal(0);
    expect(compared.output).to.match(/^PROVEN\n/);
    const partly = await verifyFile(proof, ...hashes.slice(0, 2));
    expect([partly.code, partly.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.startsWith('REFUSED block_not_on_chain: '),
    );
  });

  it('is refused by the command where the node has another transaction', async () => {
    const wrong = structuredClone(proof);
    const [receipt] = wrong.receipts;
    if (receipt) receipt.transaction.hash = `0x${'12'.repeat(32)}`;
    const { code, output } = await verifyFile(wrong, '--rpc', stage.chain.rpcUrl);
    expect([code, output.split(':')[0]]).to.deep.equal([1, 'REFUSED transaction_differs']);
  });

  it('is not handed out when the node lies or is not there', async () => {
    for (const lie of [
      () => null,
      (block: object) => ({ ...block, gasUsed: '0x1' }),
      (block: object) => ({ ...block, transactions: [] }),
    ]) {
      stage.node.distort(({ method }, result) => (method === 'eth_getBlockByHash' ? lie(result) : result));
      const { status, body } = await ask(paid.id);
      expect([status, body.code]).to.deep.equal([503, 'proof_not_obtainable']);
    }
    stage.node.silence(true);
    const { status, body } = await ask(paid.id);
    stage.node.silence(false);
    expect([status, body.code]).to.deep.equal([503, 'proof_not_obtainable']);
    expect(JSON.stringify(body)).not.to.include(new URL(stage.node.rpcUrl).host);
  });
});

describe('the proof of an escrow', function () {
  this.timeout(240_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());
  const ask = (id: string, by = stage.partner) => by.call('GET', `/v1/escrows/${id}/proof`);

  it('has the terms and every move of the money, and is its partner’s alone', async () => {
    const fresh = await stage.create({ operator: 'corridor' });
    const early = await ask(fresh.id);
    expect([early.status, early.body.code]).to.deep.equal([409, 'nothing_final']);
    const escrow = await stage.authorized({ operator: 'corridor' });
    await stage.asked(escrow.id, { action: 'capture', amount: '60.00' });
    await stage.carry();
    await stage.asked(escrow.id, { action: 'void' });
    await stage.carry();
    const foreign = await ask(escrow.id, await stage.api.partner());
    expect([foreign.status, foreign.body.code]).to.deep.equal([404, 'escrow_not_found']);
    const { status, body } = await ask(escrow.id);
    expect(status, JSON.stringify(body)).to.equal(200);
    const proof = verifyEventsProof(body);
    expect(named(proof)).to.deep.equal(['EscrowAuthorized', 'EscrowCaptured', 'EscrowVoided']);
    const [authorized, captured, voided] = proof.receipts.flatMap(({ events }) => events);
    expect(authorized?.arguments).to.deep.include({
      amount: '100000000',
      payer: stage.payer.address.toLowerCase(),
    });
    expect(captured?.arguments.amount).to.equal('60000000');
    expect(voided?.arguments.amount).to.equal('40000000');
    const { code, output } = await verifyFile(proof, '--rpc', stage.chain.rpcUrl);
    expect(code, output).to.equal(0);
    expect(output).to.include('terms.payee ').and.include('EscrowCaptured: escrowId');
    for (const place of leavesOf(proof)) {
      if (place.at(-1) === 'chainId' || place.slice(2).join('/') === 'transaction/hash') continue;
      const wrong = withLeaf(structuredClone(proof), place, changed);
      expect(
        refusalOf(() => verifyEventsProof(wrong)),
        place.join('/'),
      ).to.be.a('string');
    }
    const otherEscrow = { ...proof.subject, escrowId: `0x${'34'.repeat(32)}` };
    expect(refusalOf(() => verifyEventsProof({ ...proof, subject: otherEscrow }))).to.equal('events_differ');
  });

  it('leaves evidence out first when there is too much of everything, and never how the money came in', async () => {
    const { id, escrowId } = await stage.authorized({ operator: 'corridor' });
    await stage.asked(id, { action: 'capture', amount: '60.00' });
    await stage.carry();
    const row = {
      chain_id: BigInt(stage.chainId),
      contract: stage.contract.address.toLowerCase() as Address,
      escrow_id: escrowId,
    };
    const moves = await findEscrowPlaces(stage.database, row);
    await stage.finalise();
    // As a party would that submits evidence in two hundred transactions.
    await stage.database.query(
      `insert into indexer.other_events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)
       select $1, block_number, 1000 + n, '0x' || lpad(to_hex(n), 64, '0'), n, $2, 'EvidenceSubmitted', jsonb_build_object('escrowId', $3::text)
         from settlement.posted_blocks, generate_series(1, 200) as n where chain_id = $1`,
      [row.chain_id, row.contract, escrowId],
    );
    const places = await findEscrowPlaces(stage.database, row);
    await stage.database.query(
      'delete from indexer.other_events where log_index > 1000 and arguments ->> $1 = $2',
      ['escrowId', escrowId],
    );
    expect(places.length).to.equal(TRANSACTIONS_PROVEN);
    expect(moves.length).to.equal(2);
    expect(places.slice(0, 2)).to.deep.equal(moves);
    expect(places[2]?.transaction_hash).to.equal(`0x${(200).toString(16).padStart(64, '0')}`);
  });
});
