import { failIfOpen } from './leftOpen.ts';
import { stopTestPostgres } from './postgres.ts';

const GRACE_SECONDS = 60;

export async function mochaGlobalTeardown(): Promise<void> {
  failIfOpen(GRACE_SECONDS);
  await stopTestPostgres();
}
