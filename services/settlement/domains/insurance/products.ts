/** The products that are offered: INSURANCE_PRODUCTS_FILE. None without it. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type CoverProduct, productsSchema } from '../../../core/insurance/product.ts';
import { ConfigError } from '../../../platform/config.ts';

export type CoverProducts = ReadonlyMap<string, CoverProduct>;

/** @throws ConfigError when the file cannot be read or is wrong, naming each fault. */
export function readProducts(file: string | undefined): CoverProducts {
  if (file === undefined) return new Map();
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(
      `The products file ${file} cannot be read: ${(cause as Error).message}. Correct INSURANCE_PRODUCTS_FILE.`,
      { cause },
    );
  }
  const result = productsSchema.safeParse(json);
  if (!result.success)
    throw new ConfigError(`The products file ${file} is wrong:\n${z.prettifyError(result.error)}`);
  return new Map(result.data.products.map((product) => [product.id, product]));
}
