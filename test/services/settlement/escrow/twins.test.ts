/** Terms that differ in which signer of ours they name: one escrow to a partner, several to the contract. */
import { expect } from 'chai';
import { zeroAddress } from 'viem';
import { type EscrowTerms, escrowIdOf } from '../../../../services/core/evm/escrowTerms.ts';
import { twinIdsOf } from '../../../../services/settlement/domains/escrow/terms.ts';
import { freshWallet } from '../../../support/stage.ts';

describe('escrows: the same terms with another signer of ours', () => {
  const contract = { chainId: 31_337, escrow: freshWallet() };
  const [first, second, stranger] = [freshWallet(), freshWallet(), freshWallet()];
  const terms: EscrowTerms = {
    ...{ payer: freshWallet(), payee: freshWallet(), token: freshWallet(), amount: 1n },
    ...{ operator: zeroAddress, arbiter: zeroAddress, feeRecipient: zeroAddress },
    ...{ authorizationExpiry: 1, captureExpiry: 2, refundExpiry: 3, minFeeBps: 0, maxFeeBps: 0 },
    ...{
      rulingPeriodSeconds: 0,
      defaultPayeeBps: 0,
      hashLock: `0x${'00'.repeat(32)}`,
      salt: 0n,
      milestones: [],
    },
  };
  const idOf = (over: Partial<EscrowTerms>) => escrowIdOf(contract, { ...terms, ...over });
  const twinsOf = (over: Partial<EscrowTerms>) =>
    twinIdsOf(contract, { ...terms, ...over }, [first, second]).toSorted();

  it('are none where the terms name none of ours', () => {
    expect(twinsOf({ operator: stranger, arbiter: stranger })).to.deep.equal([]);
  });

  it('are one for each other signer, where the terms name one of ours', () => {
    expect(twinsOf({ operator: first })).to.deep.equal([idOf({ operator: second })]);
    expect(twinsOf({ operator: stranger, arbiter: second })).to.deep.equal([
      idOf({ operator: stranger, arbiter: first }),
    ]);
  });

  it('are all combinations, where the terms name two of ours', () => {
    expect(twinsOf({ operator: second, arbiter: first })).to.deep.equal(
      [
        idOf({ operator: first, arbiter: first }),
        idOf({ operator: first, arbiter: second }),
        idOf({ operator: second, arbiter: second }),
      ].toSorted(),
    );
  });
});
