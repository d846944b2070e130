/**
 * Configuration: the only place that reads the environment. A process describes what it needs as a zod
 * object of environment variables and gets it parsed once, or a {@link ConfigError} that names every wrong one.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { z } from 'zod';

/** Raised for missing or wrong configuration; its message is a sentence for the person at the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_invalid';
}

/**
 * Parses the environment by a schema. Values of a `.env` file in the working folder count where the
 * environment itself says nothing; an empty value counts as absent.
 * @throws {ConfigError} naming each variable that is missing or wrong.
 */
export function loadConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment?: Record<string, string | undefined>,
): z.output<z.ZodObject<Shape>> {
  if (!environment && existsSync('.env')) process.loadEnvFile('.env');
  const source = environment ?? process.env;
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) if (source[name]) given[name] = source[name];
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`Configuration is wrong. ${wrong.join('; ')}. See .env.example for every variable.`);
}

/** A whole number from the environment, of at least `minimum` and at most `maximum`. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  const expected = `must be a whole number, ${range}`;
  return z.coerce
    .number(expected)
    .refine((value) => Number.isSafeInteger(value) && value >= minimum && value <= maximum, expected);
}

/** A TCP port from the environment. */
export const portVariable = wholeNumber(1, 65_535);

/** `true` or `false` from the environment. */
export const flagVariable = z.enum(['true', 'false']).transform((value) => value === 'true');

/** PostgreSQL connection string. */
export const databaseUrlVariable = z
  .string('is missing: set it to a PostgreSQL connection string')
  .regex(/^postgres(ql)?:\/\//, 'must start with postgres://');

/** HTTP JSON-RPC address of an EVM node. */
export const rpcUrlVariable = z
  .string("is missing: set it to an EVM node's HTTP JSON-RPC address")
  .regex(/^https?:\/\//, 'must start with http:// or https://');

/** WebSocket JSON-RPC address of an EVM node. */
export const wsUrlVariable = z.string().regex(/^wss?:\/\//, 'must start with ws:// or wss://');

export const logLevelVariable = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info');
