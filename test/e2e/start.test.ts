import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type Address, type Hex, isAddressEqual, type PublicClient, parseUnits } from 'viem';
import { PartnerClient } from '../../scripts/start/partner-client.ts';
import { escrowAbi } from '../../services/core/abi/escrow.ts';
import { parametricCoverAbi } from '../../services/core/abi/parametricCover.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { Deployment } from '../../services/core/deployment.ts';
import { createChainClient, readDeployment } from '../../services/platform/chain.ts';
import type { SigningCredential } from '../../services/platform/http/signedFetch.ts';
import type { Account } from '../../services/settlement/domains/accounts/schema.ts';
import type { Escrow } from '../../services/settlement/domains/escrow/schema.ts';
import type { Policy } from '../../services/settlement/domains/insurance/schema.ts';
import { launchBrowser } from './support/browser.ts';
import { runStart, type Start } from './support/start.ts';

const READY = 'Corridor is ready';
/** What stands above the last thing that it prints by itself. */
const THROUGH = 'Further webhooks';
const usd = (value: string) => parseUnits(value, 6);

describe('npm start', function () {
  this.timeout(1_200_000); // so long as nobody would wait: what is waited for is said by `prints`
  let folder: string;
  let start: Start;
  let chain: PublicClient;
  let deployment: Deployment;
  let partner: PartnerClient;
  let policy: Policy;
  let escrow: Escrow;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-start-'));
    start = await runStart(folder);
    await start.prints(THROUGH);
    chain = createChainClient(`http://127.0.0.1:${start.port('CHAIN')}`);
    deployment = await readDeployment(chain, path.join(folder, 'deployment.json'));
    const credential = JSON.parse(
      await readFile(path.join(folder, 'partner.json'), 'utf8'),
    ) as SigningCredential;
    partner = new PartnerClient(`http://127.0.0.1:${start.port('SETTLEMENT')}`, credential);
    policy = await only<Policy>('/v1/policies');
    escrow = await only<Escrow>('/v1/escrows');
  });
  after(async () => {
    await start?.interrupt();
    await rm(folder, { recursive: true, force: true });
  });

  async function only<Thing>(list: string): Promise<Thing> {
    const { items } = await partner.get<{ items: Thing[] }>(list);
    expect(items, list).to.have.length(1);
    return items[0] as Thing;
  }

  /** Units of cUSD that went from one account to another, in all blocks. */
  async function moved(from: Address, to: Address): Promise<bigint> {
    const events = await chain.getContractEvents({
      address: deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      eventName: 'Transfer',
      args: { from, to },
      fromBlock: 0n,
      strict: true,
    });
    return events.reduce((sum, { args }) => sum + args.value, 0n);
  }

  const balanceOf = (owner: Address) =>
    chain.readContract({
      address: deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      functionName: 'balanceOf',
      args: [owner],
    });

  it('has the policy of a late cargo paid, once, to its holder', async () => {
    expect(policy.status).to.equal('paid');
    const cover = { address: deployment.parametricCover, abi: parametricCoverAbi } as const;
    const risk = await chain.readContract({
      ...cover,
      functionName: 'riskOf',
      args: [BigInt(policy.riskNumber ?? 0)],
    });
    expect(risk.payoutBps).to.equal(5_000);
    expect(risk.insuredSteps, 'insured by policies that are not paid').to.equal(0n);
    expect(await moved(deployment.coverPool, policy.holder as Address)).to.equal(usd('12000'));
    const premium = policy.premium?.value ?? '';
    expect(await moved(policy.buyer as Address, deployment.coverPool)).to.equal(usd(premium));
  });

  it('has the escrow of that trade refund what was agreed for a late cargo, and pay the rest', async () => {
    const { payer, payee } = escrow.terms as { payer: Address; payee: Address };
    expect(escrow.status).to.equal('voided');
    expect(isAddressEqual(payer, policy.holder as Address)).to.equal(true);
    const { capturable } = await chain.readContract({
      address: deployment.escrow,
      abi: escrowAbi,
      functionName: 'stateOf',
      args: [escrow.escrowId as Hex],
    });
    expect(capturable).to.equal(0n);
    expect(await moved(payer, deployment.escrow)).to.equal(usd('24000'));
    expect(await moved(deployment.escrow, payee)).to.equal(usd('21600'));
    expect(await moved(deployment.escrow, payer)).to.equal(usd('2400'));
    expect(await balanceOf(deployment.escrow)).to.equal(0n);
  });

  it('has in its books what the chain has, premium, payout and escrow included', async () => {
    const { items } = await partner.get<{ items: Account[] }>('/v1/accounts');
    const account = items.find(({ currency }) => currency === 'USD');
    const onChain = await balanceOf(account?.wallet as Address);
    // The API shows whole cents; the premium has more digits.
    expect(usd(account?.balance.posted.value ?? '')).to.equal(onChain - (onChain % 10_000n));
    expect(account?.balance.held.value).to.equal('0.00');
    expect(start.printed().match(/Reconciliation: 0 breaks/g)).to.have.length(2);
  });

  it('leads to the pages of policy and escrow', async () => {
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext({ locale: 'en-GB' });
      const page = await context.newPage();
      const [policyUrl] = start.printed().match(/http\S+\/partner\/policies\/pol_\S+/) ?? [];
      await page.goto(policyUrl ?? '');
      await page.getByText('12,000.00').first().waitFor();
      const [escrowUrl] = start.printed().match(/http\S+\/escrows\/esc_\S+/) ?? [];
      await page.goto(escrowUrl ?? '');
      await page.getByTestId('escrow-returned').filter({ hasText: '2,400.00' }).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('leaves file and trade out on a chain of one’s own, and stops', async () => {
    const own = await mkdtemp(path.join(tmpdir(), 'corridor-start-'));
    const other = await runStart(own, {
      RPC_URL: `http://127.0.0.1:${start.port('CHAIN')}`,
      DEPLOYMENT_FILE: path.join(folder, 'deployment.json'),
    });
    try {
      await other.prints(READY);
      expect(other.printed()).to.include(
        'The payment file and the covered trade are shown on the local chain',
      );
      expect(other.printed()).to.not.include('A covered trade:');
      expect(await other.interrupt()).to.equal(0);
    } finally {
      await other.interrupt();
      await rm(own, { recursive: true, force: true });
    }
  });

  it('shows all of it again when started a second time, and stops in the middle of it', async () => {
    expect(await start.interrupt()).to.equal(0);
    start = await runStart(folder);
    await start.prints('A covered trade');
    expect(await start.interrupt()).to.equal(0);
    expect(start.printed()).to.match(/Stopped\.\n$/);
    const left = await fetch(`http://127.0.0.1:${start.port('CHAIN')}`).catch((error: Error) => error);
    expect(left).to.be.instanceOf(Error);
  });
});
