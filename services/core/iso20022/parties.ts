import type { Account, DebtorAccountScheme } from '../paymentInstruction.ts';
import { WALLET_IDENTIFICATION, WALLET_SCHEME } from './pain001Rules.ts';
import type { MessageWriter } from './write.ts';
import type { XmlElement } from './xml.ts';

/** An account the way `parsePain001` reads it: a wallet's address stands in Prxy/Id, see docs/iso20022.md. */
export function accountElement(
  { group, leaf }: MessageWriter,
  name: string,
  account: Account<DebtorAccountScheme> | undefined,
): XmlElement | undefined {
  if (account === undefined) return undefined;
  const { scheme, identification } = account;
  if (scheme === 'IBAN') return group(name, group('Id', leaf('IBAN', identification)));
  if (scheme === 'OTHER') return group(name, group('Id', group('Othr', leaf('Id', identification))));
  const walletScheme = (element: string) => group(element, leaf('Prtry', WALLET_SCHEME));
  return group(
    name,
    group('Id', group('Othr', leaf('Id', WALLET_IDENTIFICATION), walletScheme('SchmeNm'))),
    group('Prxy', walletScheme('Tp'), leaf('Id', identification)),
  );
}
