/**
 * What one node says, held against a second one and against the chain that the process was started on. A node that lies,
 * or one that was pointed to another chain, keeps money where it is; nothing is guessed.
 */
import type { PublicClient } from 'viem';
import type { ChainIdentity } from './chain.ts';
import type { Logger } from './log.ts';

/** Chain id and genesis are asked again after so long. */
const IDENTITY_MS = 2_000;

export const doubtCodes = ['nodes_disagree', 'node_silent', 'chain_replaced'] as const;

/** Why nothing may be concluded from the nodes now; with what was found, what was expected and the way out. */
export interface Doubt {
  code: (typeof doubtCodes)[number];
  sentence: string;
}

export interface ChainWitness {
  /**
   * Whether money may count as final at this block: every node must have it under this hash.
   * @returns the doubt, or undefined when there is none
   */
  doubtBlock(block: { number: bigint; hash: string }): Promise<Doubt | undefined>;
  /** Whether transactions may be signed: no node is of another chain, and the heads of two are of one chain. */
  doubtHead(): Promise<Doubt | undefined>;
}

export interface WitnessParts {
  node: PublicClient;
  /** RPC_URL_2, if set. */
  secondNode?: PublicClient | undefined;
  identity: Pick<ChainIdentity, 'chainId' | 'genesisHash'>;
  log: Logger;
  /** Told what is in doubt whenever it was asked, for the metrics. */
  onDoubts?: (codes: ReadonlySet<Doubt['code']>) => void;
}

/** One witness a process. */
export function createChainWitness(parts: WitnessParts): ChainWitness {
  const { node, secondNode, identity, log, onDoubts } = parts;
  const nodes = secondNode ? { RPC_URL: node, RPC_URL_2: secondNode } : { RPC_URL: node };
  let identifiedAt = Number.NEGATIVE_INFINITY;
  let confirmedHash: string | undefined;
  const doubts = new Map<'block' | 'head', Doubt['code']>();

  /** A node that is silent says nothing of another chain. */
  async function doubtIdentity(): Promise<Doubt | undefined> {
    if (performance.now() - identifiedAt < IDENTITY_MS) return undefined;
    for (const [name, client] of Object.entries(nodes)) {
      const found = await orSilence(Promise.all([client.getChainId(), client.getBlock({ blockNumber: 0n })]));
      if (!found) continue;
      const [chainId, { hash }] = found;
      if (chainId !== identity.chainId || hash !== identity.genesisHash)
        return {
          code: 'chain_replaced',
          sentence: `${name} leads to chain ${chainId} with genesis ${hash} now, expected chain ${identity.chainId} with ${identity.genesisHash}. Nothing is signed and nothing counts as final until it leads there again.`,
        };
    }
    identifiedAt = performance.now();
    return undefined;
  }

  /** The hash that each node has at a height; undefined where it says nothing. */
  async function hashesAt(number: bigint) {
    return Promise.all(
      Object.entries(nodes).map(async ([name, client]) => ({
        name,
        hash: (await orSilence(client.getBlock({ blockNumber: number })))?.hash,
      })),
    );
  }

  async function compareBlock({
    number,
    hash,
  }: {
    number: bigint;
    hash: string;
  }): Promise<Doubt | undefined> {
    const doubt = await doubtIdentity();
    if (doubt || hash === confirmedHash) return doubt;
    const found = await hashesAt(number);
    const other = found.find((answer) => answer.hash !== undefined && answer.hash !== hash);
    if (other)
      return {
        code: 'nodes_disagree',
        sentence: `${other.name} has block ${number} as ${other.hash}, the index has it as ${hash}. Nothing counts as final at it until they agree: find out which is right, and replace the other.`,
      };
    const silent = found.find((answer) => answer.hash === undefined);
    if (silent)
      return {
        code: 'node_silent',
        sentence: `${silent.name} does not say which block ${number} it has, expected ${hash}. Nothing counts as final at it until it answers: bring it back, or set another.`,
      };
    confirmedHash = hash;
    return undefined;
  }

  async function compareHeads(): Promise<Doubt | undefined> {
    const doubt = await doubtIdentity();
    if (doubt || !secondNode) return doubt;
    const heads = await Promise.all([node, secondNode].map((client) => orSilence(client.getBlock())));
    const [first, second] = heads;
    if (!first || !second) return undefined; // silence says nothing against the other; it holds what is to be final
    const number = first.number < second.number ? first.number : second.number;
    const [one, two] = await hashesAt(number);
    if (!one?.hash || !two?.hash || one.hash === two.hash) return undefined;
    return {
      code: 'nodes_disagree',
      sentence: `RPC_URL has block ${number} as ${one.hash}, RPC_URL_2 as ${two.hash}. Nothing new is signed until both agree: find out which is right, and replace the other.`,
    };
  }

  const told = async (question: 'block' | 'head', asked: Promise<Doubt | undefined>) => {
    const doubt = await asked;
    const before = doubts.get(question);
    if (doubt) doubts.set(question, doubt.code);
    else doubts.delete(question);
    onDoubts?.(new Set(doubts.values()));
    if (doubt && doubt.code !== before) log.error({ code: doubt.code }, doubt.sentence);
    if (!doubt && before) log.info({ was: before }, 'the nodes are in no doubt any more');
    return doubt;
  };
  return {
    doubtBlock: (block) => told('block', compareBlock(block)),
    doubtHead: () => told('head', compareHeads()),
  };
}

/** What a node answers; undefined when it does not, or answers nonsense. */
async function orSilence<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch {
    return undefined; // the caller says which node was silent
  }
}
