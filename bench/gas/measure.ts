/** Corridor beside its peers, each operation as a whole transaction, on one EVM. */
import hre from 'hardhat';
import { measureEscrow } from './escrow.ts';
import { measureInsurance } from './insurance.ts';
import { measureOracle } from './oracle.ts';
import { measurePayments } from './payments.ts';

export interface Operation {
  name: string;
  /** Gas used by Corridor; per payment or policy for batches. */
  gas: number;
  /** Null where no peer that npm can install does the like. */
  peer: string | null;
  peerGas: number | null;
}

export interface Measured {
  /** Each operation once, beside its nearest peer. */
  operations: Operation[];
  /** Some of them again, beside others. */
  furtherPeers: Operation[];
}

/** Measures all operations. Deterministic: fixed accounts, amounts, references and times. */
export async function measure(): Promise<Measured> {
  await hre.tasks.getTask('build').run({ quiet: true });
  const { operations, furtherPeers } = await measurePayments();
  const others = [...(await measureEscrow()), await measureOracle(), ...(await measureInsurance())];
  return { operations: [...operations, ...others], furtherPeers };
}
