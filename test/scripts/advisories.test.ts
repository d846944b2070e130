import { expect } from 'chai';
import { summariseAdvisories } from '../../scripts/advisories.ts';

describe('scripts: advisories', () => {
  const report = (vulnerabilities: Record<string, number>) =>
    `npm warn something\n${JSON.stringify({ auditReportVersion: 2, metadata: { vulnerabilities } }, null, 2)}\n`;

  it('counts them by severity', () => {
    const found = summariseAdvisories(
      report({ info: 0, low: 2, moderate: 0, high: 1, critical: 0, total: 3 }),
    );
    expect(found).to.include('2 low, 1 high');
  });

  it('says that there are none', () => {
    expect(summariseAdvisories(report({ low: 0, high: 0, total: 0 }))).to.match(/none/);
  });

  for (const [name, output] of [
    ['the registry has no audit', '{ "statusCode": 405, "error": { "summary": "" } }'],
    ['npm prints no report', 'npm error network'],
  ] as const)
    it(`says in one line that they could not be looked up where ${name}`, () => {
      expect(summariseAdvisories(output)).to.match(/^could not be looked up.*$/);
    });
});
