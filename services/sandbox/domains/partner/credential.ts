import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';

const credentialSchema = z.object({
  keyId: z.string().min(1),
  algorithm: z.enum(['ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512']),
  /** PKCS #8 PEM. */
  privateKeyPem: z.string().startsWith('-----BEGIN'),
  /** Standard Webhooks secret of the partner's endpoint; absent until the endpoint is registered. */
  webhookSecret: z.string().startsWith('whsec_').optional(),
});

export type PartnerCredential = z.infer<typeof credentialSchema>;

/**
 * The demo partner's key and webhook secret, from the file that the set-up writes.
 * The file is read again whenever it changes, so the sandbox may start before it exists.
 */
export class PartnerCredentialFile {
  readonly path: string;
  #read: { modifiedMs: number; credential: PartnerCredential } | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** @returns undefined while there is no file. @throws when the file is there and wrong. */
  async load(): Promise<PartnerCredential | undefined> {
    const modifiedMs = await stat(this.path).then(
      (found) => found.mtimeMs,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      },
    );
    if (modifiedMs === undefined) return undefined;
    if (this.#read?.modifiedMs !== modifiedMs) {
      const parsed = credentialSchema.safeParse(JSON.parse(await readFile(this.path, 'utf8')));
      if (!parsed.success) {
        throw new Error(`The partner file ${this.path} is wrong: ${z.prettifyError(parsed.error)}`);
      }
      this.#read = { modifiedMs, credential: parsed.data };
    }
    return this.#read?.credential;
  }
}
