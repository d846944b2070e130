/** The directory of beneficiaries: which wallet stands behind an IBAN, as each partner registered it. */
import { getAddress, type Hex } from 'viem';
import { type Deployment, isCorridorContract } from '../../../core/deployment.ts';
import { isIdentifier } from '../../../core/identifier.ts';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';
import { beneficiaryProblem } from './errors.ts';
import type { Beneficiary, NewBeneficiary } from './schema.ts';

const COLUMNS = `id, name, iban, wallet, created_at as "createdAt"`;

/** @throws Problem `beneficiary_exists` naming the other one, `wallet_unfit` */
export async function registerBeneficiary(
  tx: Transaction,
  partnerId: string,
  given: NewBeneficiary,
  deployment: Deployment,
): Promise<Beneficiary> {
  if (isCorridorContract(deployment, given.wallet)) {
    throw beneficiaryProblem('wallet_unfit', `${given.wallet} is one of Corridor's contracts.`);
  }
  const { rows } = await tx.query<Row>(
    `insert into settlement.beneficiaries (partner_id, name, iban, wallet) values ($1, $2, $3, $4)
     on conflict (partner_id, iban) where deleted_at is null do nothing returning ${COLUMNS}`,
    [partnerId, given.name, given.iban, given.wallet.toLowerCase()],
  );
  if (rows[0]) return shown(rows[0]);
  const { id } = oneRow(
    await tx.query<{ id: string }>(
      'select id from settlement.beneficiaries where partner_id = $1 and iban = $2 and deleted_at is null',
      [partnerId, given.iban],
    ),
  );
  throw beneficiaryProblem('beneficiary_exists', `The beneficiary ${id} has the IBAN ${given.iban}.`, [
    { code: 'beneficiary_exists', pointer: '/iban', detail: `Taken by ${id}.` },
  ]);
}

/** Newest first, up to `limit`, those before `cursor`. */
export async function listBeneficiaries(
  queryable: Queryable,
  partnerId: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<Beneficiary[]> {
  const { rows } = await queryable.query<Row>(
    `select ${COLUMNS} from settlement.beneficiaries
      where partner_id = $1 and deleted_at is null and ($2::text is null or id < $2) order by id desc limit $3`,
    [partnerId, cursor, limit],
  );
  return rows.map(shown);
}

/** @throws Problem `beneficiary_not_found`, also for one of another partner */
export async function findBeneficiary(
  queryable: Queryable,
  partnerId: string,
  id: string,
): Promise<Beneficiary> {
  if (!isIdentifier(id)) throw notFound(id);
  const { rows } = await queryable.query<Row>(
    `select ${COLUMNS} from settlement.beneficiaries where partner_id = $1 and id = $2 and deleted_at is null`,
    [partnerId, id],
  );
  if (!rows[0]) throw notFound(id);
  return shown(rows[0]);
}

/** Payments that were accepted keep the wallet they had. @throws Problem `beneficiary_not_found` */
export async function deleteBeneficiary(queryable: Queryable, partnerId: string, id: string): Promise<void> {
  if (!isIdentifier(id)) throw notFound(id);
  const { rowCount } = await queryable.query(
    `update settlement.beneficiaries set deleted_at = now()
      where partner_id = $1 and id = $2 and deleted_at is null`,
    [partnerId, id],
  );
  if (rowCount === 0) throw notFound(id);
}

/**
 * The wallets behind IBANs, in one query.
 * @param ibans in electronic form
 * @returns wallets in lower case, by IBAN; an IBAN that the partner did not register is left out
 */
export async function walletsByIban(
  queryable: Queryable,
  partnerId: string,
  ibans: readonly string[],
): Promise<Map<string, Hex>> {
  const { rows } = await queryable.query<{ iban: string; wallet: Hex }>(
    `select iban, wallet from settlement.beneficiaries
      where partner_id = $1 and iban = any($2) and deleted_at is null`,
    [partnerId, ibans],
  );
  return new Map(rows.map(({ iban, wallet }) => [iban, wallet]));
}

function notFound(id: string) {
  return beneficiaryProblem('beneficiary_not_found', `There is no beneficiary ${id}.`);
}

interface Row {
  id: string;
  name: string;
  iban: string;
  wallet: Hex;
  createdAt: Date;
}

function shown(row: Row): Beneficiary {
  return { ...row, wallet: getAddress(row.wallet), createdAt: row.createdAt.toISOString() };
}
