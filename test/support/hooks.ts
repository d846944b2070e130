import { stopTestPostgres } from './postgres.ts';

export const mochaGlobalTeardown = stopTestPostgres;
