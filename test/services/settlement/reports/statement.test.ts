import { expect } from 'chai';
import { validateMessage } from '../../../../services/core/iso20022/validate.ts';
import { readXml } from '../../../../services/core/iso20022/xml.ts';
import { statementOf } from '../../../../services/settlement/domains/accounts/statement.ts';
import { type AccountRow, findAccount } from '../../../../services/settlement/domains/accounts/store.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

describe('reports: camt.053', () => {
  let stage: Stage;
  let account: AccountRow;
  const wallet = freshWallet();
  /** Of the postings. */
  let today: string;
  before(async () => {
    stage = await startStage();
    const id = await stage.openAccount('USD');
    const lane = createLane(stage.laneParts);
    await stage.accept(
      instruction({ endToEndId: 'INV-1', to: wallet, value: '125.50', remittanceInformation: 'Invoice 1' }),
      instruction({ endToEndId: 'INV-2', to: wallet, value: '0.01' }),
    );
    await stage.batch();
    await lane.round();
    await stage.finalise();
    account = (await findAccount(stage.database, stage.partnerId, id)) as AccountRow;
    today = new Date().toISOString().slice(0, 10);
  });
  after(() => stage?.stop());

  it('shows balances and every posting of the day, by the rules of the message', async () => {
    const statement = await statementOf(stage.database, account, today);
    expect(validateMessage('camt.053.001.08', readXml(statement))).to.deep.equal([]);
    const amounts = [...statement.matchAll(/<Amt Ccy="USD">([\d.]+)<\/Amt>/g)].map(([, value]) => value);
    expect(amounts).to.deep.equal(['0.00', '999874.49', '1000000.00', '125.50', '0.01']);
    const { rows } = await stage.database.query('select transaction_hash from settlement.attempts');
    expect(statement).to.contain('INV-1').and.contain('INV-2').and.contain('Invoice 1');
    expect(statement).to.contain(rows[0].transaction_hash);
  });

  it('carries the closing balance of a day to the opening balance of the next', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const statement = await statementOf(stage.database, account, tomorrow);
    const amounts = [...statement.matchAll(/<Amt Ccy="USD">([\d.]+)<\/Amt>/g)].map(([, value]) => value);
    expect(amounts).to.deep.equal(['999874.49', '999874.49']);
  });
});
