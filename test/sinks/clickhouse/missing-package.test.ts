import { expect, it, vi } from 'vitest';
import { clickhouse } from '../../../src/sinks/clickhouse.ts';
import { deliveryPlace } from '../support/delivery-place.ts';

// As Node answers where the package is not installed.
vi.mock('@clickhouse/client', () => {
  throw new Error("Cannot find package '@clickhouse/client'");
});

it('a package that is not installed is named when the sink is first used', async () => {
  const sink = clickhouse({
    name: 'views',
    url: 'http://127.0.0.1:1',
    table: 'views',
    columns: { page: 'String' },
  });
  const connection = sink.connect(deliveryPlace());
  await expect(connection.open(new AbortController().signal)).rejects.toMatchObject({
    outcome: 'fatal',
    code: 'PACKAGE_MISSING',
    message:
      "The sink 'views' needs the package '@clickhouse/client': npm install @clickhouse/client.",
  });
  await connection.close();
});
