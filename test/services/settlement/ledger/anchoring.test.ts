import { expect } from 'chai';
import { type Address, type Hex, keccak256, parseAbi, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { roles } from '../../../../scripts/deploy/ignition/access.ts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { ledgerAnchorAbi } from '../../../../services/core/abi/ledgerAnchor.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { ConfigError } from '../../../../services/platform/config.ts';
import { createLogger } from '../../../../services/platform/log.ts';
import { createSigner } from '../../../../services/platform/signer.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import { readAnchorEvents } from '../../../../services/settlement/domains/ledger/anchorEvents.ts';
import {
  type AnchoringParts,
  anchorLedger,
} from '../../../../services/settlement/domains/ledger/anchoring.ts';
import { readUnanchored } from '../../../../services/settlement/domains/ledger/anchors.ts';
import { openAnchorSigner, openSigners } from '../../../../services/settlement/signers.ts';
import { FINALITY_DEPTH, freshWallet, type Stage, startStage } from '../../../support/stage.ts';

const DAY = 86_400;

describe('ledger: anchoring', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  const localKey = (addressIndex: number) => {
    const mnemonic = 'test test test test test test test test test test test junk';
    const { privateKey } = mnemonicToAccount(mnemonic, { addressIndex }).getHdKey();
    return toHex(privateKey as Uint8Array);
  };
  const round = (intervalSeconds = 0, over: Partial<AnchoringParts> = {}) => {
    const { database, chainId } = stage;
    const { client: chain, deployment } = stage.chain;
    const signer = createSigner(localKey(localAccounts.ledgerAnchorer));
    const log = createLogger('test', 'fatal');
    const contract = deployment.ledgerAnchor;
    return anchorLedger({ database, chain, chainId, contract, signer, intervalSeconds, log, ...over });
  };
  const refusalOf = (asked: Promise<void>) =>
    asked.then(
      () => 'none',
      (error: { code?: string; message: string }) => error.code ?? error.message,
    );
  /** A posting more. */
  const post = async () => {
    await stage.chain.wallet(localAccounts.minter).writeContract({
      address: stage.chain.deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      functionName: 'mint',
      args: [stage.treasury, 1_000_000n],
    });
    await stage.finalise();
  };
  const head = async (): Promise<{ ledger_id: Hex; number: bigint; hash: Hex }> =>
    (await stage.database.query('select ledger_id, number, hash from settlement.ledger_head')).rows[0];
  const anchors = async () =>
    (await stage.database.query('select * from settlement.ledger_anchors order by number')).rows;
  const open = async () => {
    const row = (await anchors()).find(({ block_number }) => block_number === null);
    if (!row) throw new Error('No anchor is open.');
    return { nonce: Number(row.nonce), fee: row.max_fee_per_gas, hash: keccak256(row.raw_transaction) };
  };
  const events = async () => {
    const to = await stage.chain.client.getBlockNumber({ cacheTime: 0 });
    const found = await readAnchorEvents(stage.chain.client, stage.chain.deployment.ledgerAnchor, [0n, to]);
    return found.map(({ number }) => number);
  };
  const drop = (hash: Hex) => stage.chain.request('hardhat_dropTransaction', [hash]);
  /** The head is anchored, in one event, and the database knows where. */
  const expectAnchored = async () => {
    const { ledger_id, number, hash } = await head();
    const [row] = (await anchors()).slice(-1);
    expect(row).to.include({ ledger_id, number, head: hash });
    const receipt = await stage.chain.client.getTransactionReceipt({ hash: row.transaction_hash });
    expect([row.block_number, row.block_hash]).to.deep.equal([receipt.blockNumber, receipt.blockHash]);
    const last = await stage.chain.client.readContract({
      address: stage.chain.deployment.ledgerAnchor as Address,
      abi: ledgerAnchorAbi,
      functionName: 'lastAnchor',
      args: [ledger_id],
    });
    expect(last).to.deep.equal([number, hash]);
    expect((await events()).filter((found) => found === number)).to.have.length(1);
    expect(await readUnanchored(stage.database)).to.deep.equal({ postings: 0, seconds: 0 });
  };

  it('anchors the head at once, and closes the anchor when its block is final', async () => {
    await round(DAY);
    const { hash } = await open();
    await stage.mine(FINALITY_DEPTH);
    await round(DAY);
    expect((await open()).hash).to.equal(hash);
    await stage.mine();
    await round(DAY);
    await expectAnchored();
  });

  it('sends nothing when there is no new posting, nor before the interval is over', async () => {
    const before = await anchors();
    await round();
    await post();
    await round(DAY);
    expect(await anchors()).to.deep.equal(before);
    const { postings, seconds } = await readUnanchored(stage.database);
    expect(postings).to.equal(1);
    expect(seconds).to.be.above(0);
    await round();
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('anchors once though several processes are at it', async () => {
    await post();
    await Promise.all([round(), round(), round()]);
    await Promise.all([round(), round(), round()]);
    await stage.finalise();
    await Promise.all([round(), round(), round()]);
    await expectAnchored();
  });

  it('sends the same bytes again when the node has lost them, or a crash came before they were sent', async () => {
    await post();
    await round();
    const { hash } = await open();
    await drop(hash);
    await round();
    expect((await open()).hash).to.equal(hash);
    await stage.finalise();
    await round();
    expect((await anchors()).at(-1)).to.include({ transaction_hash: hash });
    await expectAnchored();
  });

  it('pays more, once, for what is in no block for long', async () => {
    await post();
    await round();
    const first = await open();
    await drop(first.hash);
    for (let block = 0; block < 10; block++) await stage.mine();
    await round();
    const second = await open();
    expect(second.nonce).to.equal(first.nonce);
    expect(second.fee > first.fee).to.equal(true);
    await round();
    expect(await open()).to.deep.equal(second);
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('signs again when its nonce went to a transaction from outside', async () => {
    await post();
    await round();
    const { nonce, hash } = await open();
    await drop(hash);
    await stage.chain
      .wallet(localAccounts.ledgerAnchorer)
      .sendTransaction({ to: freshWallet(), value: 1n, nonce });
    await stage.mine();
    await round();
    expect((await open()).hash, 'nothing is known before that is final').to.equal(hash);
    await stage.finalise();
    await round();
    expect((await open()).nonce).to.equal(nonce + 1);
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('is anchored once when a reorganisation takes its block away', async () => {
    await post();
    const snapshot = await stage.chain.request<string>('evm_snapshot');
    await round();
    await stage.mine();
    const { hash } = await open();
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.chain.request('hardhat_mine', ['0x2']);
    await stage.indexed();
    await round();
    expect((await open()).hash).to.equal(hash);
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('starts with no key that is the lane’s too: their nonces would cross', async () => {
    const key = `0x${'11'.repeat(32)}`;
    const config = settlementConfig.parse({
      DATABASE_URL: stage.databaseUrl,
      RPC_URL: stage.chain.rpcUrl,
      SETTLEMENT_SIGNER_KEYS: key,
      LEDGER_ANCHOR_SIGNER_KEY: key,
    });
    const context = { config, deployment: stage.chain.deployment };
    expect(() => openAnchorSigner(context, openSigners(context))).to.throw(
      ConfigError,
      /LEDGER_ANCHOR_SIGNER_KEY/,
    );
  });

  it('says so when its signer has not the role, or no ETH, and goes on when it has', async () => {
    await post();
    const before = await anchors();
    const stranger = createSigner(localKey(localAccounts.treasury));
    expect(await refusalOf(round(0, { signer: stranger }))).to.equal('not_anchorer');
    const { address } = stage.chain.wallet(localAccounts.ledgerAnchorer).account;
    const balance = await stage.chain.client.getBalance({ address });
    const give = (wei: bigint) => stage.chain.request('hardhat_setBalance', [address, toHex(wei)]);
    await give(1n);
    expect(await refusalOf(round())).to.equal('unfunded');
    expect(await anchors()).to.deep.equal(before);
    await give(balance);
    await round();
    const { hash } = await open();
    await drop(hash);
    await give(1n);
    expect(await refusalOf(round()), 'bytes that are stored').to.equal('anchor_refused');
    await give(balance);
    await round();
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('signs again by the account that anchors now what another left behind', async () => {
    await post();
    await round();
    const { hash } = await open();
    await drop(hash);
    const { accessManager } = stage.chain.deployment;
    const { address } = stage.chain.wallet(localAccounts.treasury).account;
    await stage.chain.wallet(localAccounts.admin).writeContract({
      address: accessManager as Address,
      abi: parseAbi(['function grantRole(uint64 role, address account, uint32 delay)']),
      functionName: 'grantRole',
      args: [roles.LEDGER_ANCHORER, address, 0],
    });
    await stage.mine();
    const signer = createSigner(localKey(localAccounts.treasury));
    await round(0, { signer });
    expect((await open()).hash).not.to.equal(hash);
    await stage.finalise();
    await round(0, { signer });
    await expectAnchored();
  });

  it('signs and sends nothing while the nodes are in doubt', async () => {
    await post();
    const before = await anchors();
    const doubt = { code: 'nodes_disagree', sentence: 'They disagree.' } as const;
    const witness = { doubtHead: async () => doubt, doubtBlock: async () => doubt };
    expect(await refusalOf(round(0, { witness }))).to.equal('nodes_disagree');
    expect(await anchors()).to.deep.equal(before);
    await round();
    await stage.finalise();
    await round();
    await expectAnchored();
  });

  it('stops when the chain has another head: the ledger was rewritten, or restored from an older backup', async () => {
    const { number } = (await head()) as { number: bigint };
    await post();
    const tamper = (hash: string) =>
      stage.database.query(
        `set session_replication_role = replica;
         update settlement.ledger_seals set hash = '${hash}' where number = ${number};
         set session_replication_role = default`,
      );
    const seal = (await anchors()).at(-1).head;
    const before = await events();
    await tamper(`0x${'00'.repeat(32)}`);
    expect(await refusalOf(round())).to.equal('ledger_unlike_anchor');
    await tamper(seal);
    expect(await events()).to.deep.equal(before);
    await round();
    await stage.finalise();
    await round();
    await expectAnchored();
  });
});
