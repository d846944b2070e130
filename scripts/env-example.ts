/**
 * Compares .env.example with the schemas that read the environment: a variable that one of them reads must be listed,
 * one that none reads must not. `npm run check` runs it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { indexerConfig } from '../services/indexer/config.ts';
import { oracleConfig } from '../services/oracle/config.ts';
import { sandboxConfig } from '../services/sandbox/config.ts';
import { settlementConfig } from '../services/settlement/config.ts';
import { root } from './command.ts';
import { startConfig, webConfig } from './start/settings.ts';

const schemas = [startConfig, webConfig, indexerConfig, settlementConfig, oracleConfig, sandboxConfig];
/** Read by Hardhat when it deploys to a chain that is not local. */
const others = ['DEPLOYER_PRIVATE_KEY'];

const read = new Set([...others, ...schemas.flatMap((schema) => Object.keys(schema.shape))]);
const text = readFileSync(path.join(root, '.env.example'), 'utf8');
const listed = new Set([...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name ?? ''));
const missing = [...read].filter((name) => !listed.has(name));
const unread = [...listed].filter((name) => !read.has(name));
if (missing.length > 0) console.error(`.env.example does not list ${missing.join(', ')}.`);
if (unread.length > 0) console.error(`.env.example lists ${unread.join(', ')}, which nothing reads.`);
if (missing.length + unread.length > 0) process.exitCode = 1;
else console.log(`.env.example lists all ${read.size} variables.`);
