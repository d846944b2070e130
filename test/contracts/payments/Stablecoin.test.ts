import { expect } from 'chai';
import { COIN, FUNDS, openChain } from './fixture.ts';

const { ethers, accounts, corridor, sign, now } = await openChain();
const { admin, payer, recipient, frozen, relayer, stranger } = accounts;

describe('Stablecoin', () => {
  describe('as an ERC-20', () => {
    it('tells its name, symbol, decimals and supply', async () => {
      const { coin } = await corridor();
      expect(await coin.name()).to.equal('Corridor USD');
      expect(await coin.symbol()).to.equal('cUSD');
      expect(await coin.decimals()).to.equal(6);
      expect(await coin.totalSupply()).to.equal(2n * FUNDS);
    });

    it('tells by ERC-165 that it has native batches and the bridge functions', async () => {
      const { coin } = await corridor();
      const batch = ethers.id('transferBatch(bytes32[])');
      const batchFrom = ethers.id('transferFromBatch(address,bytes32[])');
      const batchId = (BigInt(batch.slice(0, 10)) ^ BigInt(batchFrom.slice(0, 10)))
        .toString(16)
        .padStart(8, '0');
      for (const id of [`0x${batchId}`, '0x33331994', '0x36372b07', '0x01ffc9a7']) {
        expect(await coin.supportsInterface(id), id).to.equal(true);
      }
      expect(await coin.supportsInterface('0xffffffff')).to.equal(false);
    });
  });

  describe('transfer', () => {
    it('moves the amount', async () => {
      const { coin } = await corridor();
      const transfer = coin.connect(payer).transfer(recipient, 7n);
      await expect(transfer).to.emit(coin, 'Transfer').withArgs(payer, recipient, 7n);
      await expect(transfer).to.changeTokenBalances(ethers, coin, [payer, recipient], [-7n, 7n]);
    });

    it('moves the whole balance, and nothing', async () => {
      const { coin } = await corridor();
      await coin.connect(payer).transfer(recipient, FUNDS);
      expect(await coin.balanceOf(payer)).to.equal(0n);
      await expect(coin.connect(payer).transfer(recipient, 0n)).to.emit(coin, 'Transfer');
    });

    it('to oneself changes nothing', async () => {
      const { coin } = await corridor();
      await expect(coin.connect(payer).transfer(payer, FUNDS)).to.changeTokenBalance(ethers, coin, payer, 0n);
    });

    it('of more than there is reverts with what there is', async () => {
      const { coin } = await corridor();
      await expect(coin.connect(payer).transfer(recipient, FUNDS + 1n))
        .to.be.revertedWithCustomError(coin, 'ERC20InsufficientBalance')
        .withArgs(payer, FUNDS, FUNDS + 1n);
      await expect(coin.connect(payer).transfer(recipient, ethers.MaxUint256)).to.be.revertedWithCustomError(
        coin,
        'ERC20InsufficientBalance',
      );
    });

    it('to the zero address or the token reverts', async () => {
      const { coin } = await corridor();
      for (const to of [ethers.ZeroAddress, await coin.getAddress()]) {
        await expect(coin.connect(payer).transfer(to, 1n))
          .to.be.revertedWithCustomError(coin, 'ERC20InvalidReceiver')
          .withArgs(to);
      }
    });

    it('from or to a frozen account reverts', async () => {
      const { coin } = await corridor();
      for (const [from, to] of [
        [frozen, recipient],
        [payer, frozen],
      ] as const) {
        await expect(coin.connect(from).transfer(to, 1n))
          .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
          .withArgs(frozen);
      }
    });

    it('reverts while paused', async () => {
      const { coin } = await corridor();
      await coin.pause();
      await expect(coin.connect(payer).transfer(recipient, 1n)).to.be.revertedWithCustomError(
        coin,
        'TokenIsPaused',
      );
    });
  });

  describe('transferFrom', () => {
    it('moves the amount out of the allowance', async () => {
      const { coin } = await corridor();
      await expect(coin.connect(payer).approve(relayer, 10n))
        .to.emit(coin, 'Approval')
        .withArgs(payer, relayer, 10n);
      const transfer = coin.connect(relayer).transferFrom(payer, recipient, 4n);
      await expect(transfer).to.changeTokenBalances(ethers, coin, [payer, recipient], [-4n, 4n]);
      expect(await coin.allowance(payer, relayer)).to.equal(6n);
    });

    it('leaves an unlimited allowance as it is', async () => {
      const { coin } = await corridor();
      await coin.connect(payer).approve(relayer, ethers.MaxUint256);
      await coin.connect(relayer).transferFrom(payer, recipient, 4n);
      expect(await coin.allowance(payer, relayer)).to.equal(ethers.MaxUint256);
    });

    it('of more than the allowance reverts', async () => {
      const { coin } = await corridor();
      await coin.connect(payer).approve(relayer, 3n);
      await expect(coin.connect(relayer).transferFrom(payer, recipient, 4n))
        .to.be.revertedWithCustomError(coin, 'ERC20InsufficientAllowance')
        .withArgs(relayer, 3n, 4n);
    });

    it('is not to be allowed to nobody', async () => {
      const { coin } = await corridor();
      await expect(coin.connect(payer).approve(ethers.ZeroAddress, 1n))
        .to.be.revertedWithCustomError(coin, 'ERC20InvalidSpender')
        .withArgs(ethers.ZeroAddress);
    });
  });

  describe('permit', () => {
    const permitOf = async (coin: { nonces(owner: string): Promise<bigint> }, deadline: bigint) => ({
      owner: payer.address,
      spender: relayer.address,
      value: 5n,
      nonce: await coin.nonces(payer.address),
      deadline,
    });

    it('gives an allowance by signature, also while paused', async () => {
      const { coin } = await corridor();
      const permit = await permitOf(coin, (await now()) + 100n);
      const { vrs } = await sign(payer, coin, 'Permit', permit);
      await coin.pause();
      await expect(coin.permit(payer, relayer, 5n, permit.deadline, ...vrs))
        .to.emit(coin, 'Approval')
        .withArgs(payer, relayer, 5n);
      expect(await coin.nonces(payer)).to.equal(1n);
    });

    it('counts once', async () => {
      const { coin } = await corridor();
      const permit = await permitOf(coin, (await now()) + 100n);
      const { vrs } = await sign(payer, coin, 'Permit', permit);
      await coin.permit(payer, relayer, 5n, permit.deadline, ...vrs);
      await expect(coin.permit(payer, relayer, 5n, permit.deadline, ...vrs))
        .to.be.revertedWithCustomError(coin, 'InvalidSignature')
        .withArgs(payer);
    });

    it('after its deadline reverts with both times', async () => {
      const { coin } = await corridor();
      const permit = await permitOf(coin, 1n);
      const { vrs } = await sign(payer, coin, 'Permit', permit);
      await expect(coin.permit(payer, relayer, 5n, 1n, ...vrs))
        .to.be.revertedWithCustomError(coin, 'PermitExpired')
        .withArgs(1n, (time: bigint) => time > 1n);
    });

    it('by somebody else, in the second form, or without a signature reverts', async () => {
      const { coin } = await corridor();
      const permit = await permitOf(coin, (await now()) + 100n);
      const { v, r, s } = await sign(payer, coin, 'Permit', permit);
      const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
      const wrong = [
        [payer.address, ...(await sign(stranger, coin, 'Permit', permit)).vrs],
        [payer.address, v === 27 ? 28 : 27, r, ethers.toBeHex(order - BigInt(s), 32)],
        [payer.address, 0, r, s],
        [ethers.ZeroAddress, 0, ethers.ZeroHash, ethers.ZeroHash],
      ] as [string, number, string, string][];
      for (const [owner, ...vrs] of wrong) {
        await expect(coin.permit(owner, relayer, 5n, permit.deadline, ...vrs))
          .to.be.revertedWithCustomError(coin, 'InvalidSignature')
          .withArgs(owner);
      }
    });

    it('hashes with the domain that the token tells', async () => {
      const { coin } = await corridor();
      const [, name, version, chainId, verifyingContract] = await coin.eip712Domain();
      const domain = ethers.TypedDataEncoder.hashDomain({
        name,
        version,
        chainId,
        verifyingContract,
      });
      expect(await coin.DOMAIN_SEPARATOR()).to.equal(domain);
    });
  });

  describe('burn', () => {
    it('destroys money of the caller, also while paused', async () => {
      const { coin } = await corridor();
      await coin.pause();
      const burn = coin.connect(payer).burn(COIN);
      await expect(burn).to.emit(coin, 'Transfer').withArgs(payer, ethers.ZeroAddress, COIN);
      expect(await coin.totalSupply()).to.equal(2n * FUNDS - COIN);
    });

    it('of more than there is, or by a frozen account, reverts', async () => {
      const { coin } = await corridor();
      await expect(coin.connect(payer).burn(FUNDS + 1n))
        .to.be.revertedWithCustomError(coin, 'ERC20InsufficientBalance')
        .withArgs(payer, FUNDS, FUNDS + 1n);
      await expect(coin.connect(frozen).burn(0n))
        .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
        .withArgs(frozen);
    });
  });

  describe('freeze and unfreeze', () => {
    it('stop and let go, and leave the balance as it is', async () => {
      const { coin } = await corridor();
      await expect(coin.freeze(payer)).to.emit(coin, 'AccountFrozen').withArgs(payer);
      expect(await coin.isFrozen(payer)).to.equal(true);
      expect(await coin.balanceOf(payer)).to.equal(FUNDS);
      await expect(coin.unfreeze(payer)).to.emit(coin, 'AccountUnfrozen').withArgs(payer);
      expect(await coin.isFrozen(payer)).to.equal(false);
      await coin.connect(payer).transfer(recipient, FUNDS);
    });

    it('revert when the account is so already', async () => {
      const { coin } = await corridor();
      await expect(coin.freeze(frozen))
        .to.be.revertedWithCustomError(coin, 'AccountIsFrozen')
        .withArgs(frozen);
      await expect(coin.unfreeze(payer))
        .to.be.revertedWithCustomError(coin, 'AccountIsNotFrozen')
        .withArgs(payer);
    });

    it('given the zero address or the token, which are frozen for ever, revert', async () => {
      const { coin } = await corridor();
      for (const account of [ethers.ZeroAddress, await coin.getAddress()]) {
        expect(await coin.isFrozen(account)).to.equal(true);
        await expect(coin.unfreeze(account))
          .to.be.revertedWithCustomError(coin, 'ERC20InvalidReceiver')
          .withArgs(account);
      }
    });
  });

  describe('pause and unpause', () => {
    it('stop and let go', async () => {
      const { coin } = await corridor();
      await expect(coin.pause()).to.emit(coin, 'Paused').withArgs(admin);
      expect(await coin.paused()).to.equal(true);
      await expect(coin.unpause()).to.emit(coin, 'Unpaused').withArgs(admin);
      await coin.connect(payer).transfer(recipient, 1n);
    });

    it('revert when it is so already', async () => {
      const { coin } = await corridor();
      await expect(coin.unpause()).to.be.revertedWithCustomError(coin, 'TokenIsNotPaused');
      await coin.pause();
      await expect(coin.pause()).to.be.revertedWithCustomError(coin, 'TokenIsPaused');
    });
  });

  describe('restricted functions', () => {
    it('revert for a stranger', async () => {
      const { coin } = await corridor();
      const asStranger = coin.connect(stranger);
      const calls = [
        () => asStranger.freeze(payer),
        () => asStranger.unfreeze(frozen),
        () => asStranger.pause(),
        () => asStranger.unpause(),
        () => asStranger.configureMinter(stranger, 1n, 1),
        () => asStranger.setMintGuard(stranger),
        () => asStranger.crosschainMint(stranger, 1n),
        () => asStranger.crosschainBurn(payer, 1n),
      ];
      for (const call of calls) {
        await expect(call(), String(call))
          .to.be.revertedWithCustomError(coin, 'AccessManagedUnauthorized')
          .withArgs(stranger);
      }
    });
  });
});
