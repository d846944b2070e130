import { expect } from 'chai';
import { readSettings } from '../../scripts/start/settings.ts';
import { ConfigError } from '../../services/platform/config.ts';

describe('scripts: settings of npm start', () => {
  it('needs none', () => {
    const { DATA_DIR, DATABASE_URL } = readSettings({});
    expect([DATA_DIR, DATABASE_URL]).to.deep.equal(['.corridor', undefined]);
  });

  it('refuses every wrong variable of every service at once, each with its range', () => {
    const wrong = {
      BATCH_SIZE: '257', // settlement
      POLL_INTERVAL_MS: 'often', // indexer
      SANDBOX_MINTER_KEY: '0x1', // sandbox
      WEB_PORT: '70000', // web
    };
    try {
      readSettings(wrong);
      expect.fail('must throw');
    } catch (error) {
      expect(error).to.be.instanceOf(ConfigError);
      const { message } = error as ConfigError;
      for (const name of Object.keys(wrong)) expect(message).to.include(name);
      for (const bound of ['256', '10', '65535']) expect(message).to.include(bound);
      expect(message).not.to.include('NaN');
    }
  });

  it('tells a flag that is off from one that is not set', () => {
    expect(readSettings({}).WEBHOOK_ALLOW_PRIVATE).to.equal(undefined);
    expect(readSettings({ WEBHOOK_ALLOW_PRIVATE: 'false' }).WEBHOOK_ALLOW_PRIVATE).to.equal(false);
  });
});
