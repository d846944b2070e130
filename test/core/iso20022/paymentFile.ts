/** A small valid pain.001 to change one thing in: two payments in one block, to an IBAN and to a wallet. */
export const paymentFile = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>FILE-1</MsgId>
      <CreDtTm>2026-11-20T08:00:00Z</CreDtTm>
      <NbOfTxs>2</NbOfTxs>
      <CtrlSum>30.55</CtrlSum>
      <InitgPty><Nm>Buyer</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>BLOCK-1</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>2</NbOfTxs>
      <CtrlSum>30.55</CtrlSum>
      <ReqdExctnDt><Dt>2026-11-20</Dt></ReqdExctnDt>
      <Dbtr><Nm>Buyer</Nm></Dbtr>
      <DbtrAcct><Id><Othr><Id>0190</Id></Othr></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>
      <CdtTrfTxInf>
        <PmtId><InstrId>I1</InstrId><EndToEndId>E1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="USD">10.05</InstdAmt></Amt>
        <Cdtr><Nm>First</Nm><PstlAdr><Ctry>DE</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd>Invoice 1</Ustrd></RmtInf>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>E2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="USD">20.5</InstdAmt></Amt>
        <Cdtr><Nm>Second</Nm></Cdtr>
        <CdtrAcct>
          <Id><Othr><Id>NOTPROVIDED</Id><SchmeNm><Prtry>EVM</Prtry></SchmeNm></Othr></Id>
          <Prxy><Tp><Prtry>EVM</Prtry></Tp><Id>0x90F79bf6EB2c4f870365E785982E1f101E93b906</Id></Prxy>
        </CdtrAcct>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
`;

/** The file with the first occurrence of a text replaced; refuses a text that is not there. */
export function fileWith(...changes: [found: string, replacement: string][]): string {
  return changes.reduce((file, [found, replacement]) => {
    if (!file.includes(found)) throw new Error(`Not in the file: ${found}`);
    return file.replace(found, () => replacement);
  }, paymentFile);
}
