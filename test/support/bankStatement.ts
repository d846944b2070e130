/** A bank's camt.053.001.08 for tests. */

export interface WrittenEntry {
  direction?: 'CRDT' | 'DBIT';
  amount: string;
  valueDate?: string;
  status?: string;
  reference?: string;
  endToEndId?: string;
  remittance?: string;
  isReversal?: boolean;
  /** Written as it is in place of the details. */
  details?: string;
}

export interface WrittenStatement {
  id: string;
  sequence?: number;
  date: string;
  /** In minor units. */
  opening: bigint;
  closing?: bigint;
  currency?: string;
  account?: string;
  entries: WrittenEntry[];
}

export const decimal = (minor: bigint) => `${minor / 100n}.${(minor % 100n).toString().padStart(2, '0')}`;

/** The closing balance in minor units that booked entries lead to. */
export function closingOf({ opening, entries }: Pick<WrittenStatement, 'opening' | 'entries'>): bigint {
  const minor = ({ amount, direction = 'CRDT' }: WrittenEntry) =>
    BigInt(amount.replace('.', '')) * (direction === 'CRDT' ? 1n : -1n);
  return entries
    .filter(({ status = 'BOOK' }) => status === 'BOOK')
    .reduce((sum, entry) => sum + minor(entry), opening);
}

export function statementXml(statement: WrittenStatement): string {
  const { id, sequence, date, opening, currency = 'USD', account = 'RESERVE-USD', entries } = statement;
  const closing = statement.closing ?? closingOf(statement);
  const balance = (code: string, minor: bigint) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${decimal(minor)}</Amt>` +
    `<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`;
  return (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>' +
    `<GrpHdr><MsgId>MSG-${id}</MsgId><CreDtTm>${date}T23:00:00Z</CreDtTm></GrpHdr>` +
    `<Stmt><Id>${id}</Id>${sequence === undefined ? '' : `<ElctrncSeqNb>${sequence}</ElctrncSeqNb>`}` +
    `<Acct><Id><Othr><Id>${account}</Id></Othr></Id></Acct>` +
    `${balance('OPBD', opening)}${balance('CLBD', closing)}` +
    `${entries.map((entry) => entryXml(entry, currency, date)).join('')}</Stmt></BkToCstmrStmt></Document>`
  );
}

function entryXml(entry: WrittenEntry, currency: string, date: string): string {
  const { direction = 'CRDT', amount, valueDate = date, status = 'BOOK', isReversal } = entry;
  const { reference, endToEndId, remittance } = entry;
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${text}</${name}>`;
  const details =
    entry.details ??
    `<TxDtls>${element('Refs', endToEndId && element('EndToEndId', endToEndId))}` +
      `${element('RmtInf', remittance && element('Ustrd', remittance))}</TxDtls>`;
  return (
    `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>` +
    `${isReversal ? '<RvslInd>true</RvslInd>' : ''}<Sts><Cd>${status}</Cd></Sts>` +
    `<BookgDt><Dt>${date}</Dt></BookgDt><ValDt><Dt>${valueDate}</Dt></ValDt>${element('AcctSvcrRef', reference)}` +
    `<BkTxCd/><NtryDtls>${details}</NtryDtls></Ntry>`
  );
}
