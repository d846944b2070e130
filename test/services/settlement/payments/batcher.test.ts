import { expect } from 'chai';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

describe('batcher', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  it('takes what was due on an earlier day first, and what came first on the same day', async () => {
    const [today, tomorrow, early] = (await stage.accept(instruction(), instruction(), instruction())) as [
      string,
      string,
      string,
    ];
    const shift = (id: string, days: number) =>
      stage.database.query(
        'update settlement.payments set requested_execution_date = requested_execution_date + $2::int where id = $1',
        [id, days],
      );
    await shift(tomorrow, 1);
    await shift(early, -1);
    while (await stage.batch(1));
    const { rows } = await stage.database.query<{ id: string }>(
      'select id from settlement.payments where sequence is not null order by sequence',
    );
    expect(rows.map(({ id }) => id)).to.deep.equal([early, today]);
    expect(await stage.states([tomorrow])).to.deep.equal(['reserved']);
  });
});
