import { createContext, useContext } from 'react';
import { z } from 'zod';
import { type Deployment, deploymentSchema } from '../../../services/core/deployment.ts';

const appConfigSchema = z.object({
  chainId: z.number().int().positive(),
  rpcUrl: z.url(),
  deployment: deploymentSchema,
  /** Null where there is no sandbox: then there is neither test money nor a demo partner. */
  sandboxUrl: z.url().nullable(),
  apiUrl: z.url().nullable(),
  /** True on a developer's own chain only; opens the door to the test wallet. */
  local: z.boolean(),
  /** Blocks on top of a payment's block from which on it is final. */
  finalityDepth: z.number().int().min(1).default(3),
});

/** What differs between installations of the app. */
export type AppConfig = z.infer<typeof appConfigSchema> & { deployment: Deployment };

/** Reads `/app-config.json` of the app's own origin. Throws when it is missing or wrong. */
export async function loadAppConfig(): Promise<AppConfig> {
  const answer = await fetch('/app-config.json', { cache: 'no-store' });
  if (!answer.ok) throw new Error(`/app-config.json: HTTP ${answer.status}`);
  return appConfigSchema.parse(await answer.json());
}

export const AppConfigContext = createContext<AppConfig | undefined>(undefined);

export function useAppConfig(): AppConfig {
  const config = useContext(AppConfigContext);
  if (!config) throw new Error('useAppConfig outside of AppConfigContext');
  return config;
}
