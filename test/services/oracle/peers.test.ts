import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect } from 'chai';
import { openPeers } from '../../../services/oracle/domains/rounds/peers.ts';
import { signRow } from '../../../services/oracle/domains/rounds/row.ts';
import { createOracleMetrics } from '../../../services/oracle/metrics.ts';
import { createLogger } from '../../../services/platform/log.ts';
import { Registry } from '../../../services/platform/metrics.ts';
import { createSigner } from '../../../services/platform/signer.ts';
import { until } from '../../support/until.ts';
import { reporterAddress, reporterKey } from './reporting.ts';

describe('oracle: rows handed to peers', () => {
  it('come also when the peer has closed the connection that they were written to', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests += 1;
      if (requests === 1) request.socket.destroy();
      else response.end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const registry = new Registry();
    const peers = openPeers([origin], createOracleMetrics(registry), createLogger('test', 'fatal'));
    try {
      const unsigned = {
        about: { kind: 'prices' as const, items: ['EUR/USD'] },
        ...{ setVersion: 1, round: 10, values: [1n], isProposal: true },
      };
      const hub = { chainId: 1, address: reporterAddress(1) };
      peers.push(await signRow(unsigned, hub, createSigner(reporterKey(0))));
      await until('the second request', () => requests === 2);
    } finally {
      await peers.stop();
      server.closeAllConnections();
      server.close();
    }
    const { values } = (await registry.getSingleMetric('oracle_push_failures_total')?.get()) ?? {
      values: [],
    };
    expect(values).to.deep.equal([]);
  });
});
