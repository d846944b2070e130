// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {IBatchTransfer} from "./interfaces/IBatchTransfer.sol";
import {IMintGuard} from "./interfaces/IMintGuard.sol";
import {IStablecoin} from "./interfaces/IStablecoin.sol";
import {StablecoinSignatures} from "./StablecoinSignatures.sol";

/**
 * @title Stablecoin
 * @notice See `IStablecoin`, which documents every function.
 * @dev In three layers: `StablecoinBalances` moves money, `StablecoinSignatures` lets holders and their signatures move it,
 * this contract is what issuer, bridges and compliance do.
 */
contract Stablecoin is StablecoinSignatures, AccessManaged {
    using PackedPayments for bytes32[];
    using TokenBucket for TokenBucket.Bucket;

    uint8 public constant override decimals = 6;

    IMintGuard public override mintGuard;
    string public override name;
    string public override symbol;

    mapping(address minter => TokenBucket.Bucket limit) private _minters;

    /**
     * @param name_ At most 31 bytes, also the EIP-712 domain's name (version "1").
     * @param authority The AccessManager that holds every role.
     */
    constructor(
        string memory name_,
        string memory symbol_,
        address authority
    ) AccessManaged(authority) StablecoinSignatures(name_) {
        name = name_;
        symbol = symbol_;
    }

    // ERC-20

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spendAllowance(from, amount);
        _transfer(from, to, amount);
        return true;
    }

    // Batches

    /// @inheritdoc IBatchTransfer
    function transferBatch(bytes32[] calldata payments) external returns (uint256, uint256) {
        _checkSize(payments);
        return _transferBatch(msg.sender, payments, payments.total());
    }

    /// @inheritdoc IBatchTransfer
    function transferFromBatch(
        address from,
        bytes32[] calldata payments
    ) external returns (uint256 settledAmount, uint256 returned) {
        _checkSize(payments);
        uint256 total = payments.total();
        bool finite = _spendAllowance(from, total);
        (settledAmount, returned) = _transferBatch(from, payments, total);
        if (finite && settledAmount != total) allowance[from][msg.sender] += total - settledAmount;
    }

    // Minters and bridges

    /// @inheritdoc IStablecoin
    function minterAllowance(
        address minter
    ) external view returns (uint256 available, uint256 capacity, uint256 windowSeconds) {
        TokenBucket.Bucket storage limit = _minters[minter];
        return (limit.available(), limit.capacity, limit.windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc IStablecoin
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IStablecoin
    function crosschainMint(address to, uint256 amount) external restricted {
        _mint(to, amount);
        emit CrosschainMint(to, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function crosschainBurn(address from, uint256 amount) external restricted whenNotPaused {
        _spendAllowance(from, amount);
        _burn(from, amount);
        emit CrosschainBurn(from, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function configureMinter(address minter, uint96 capacity, uint24 windowSeconds) external restricted {
        _minters[minter].configure(capacity, windowSeconds);
        emit MinterConfigured(minter, capacity, windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function setMintGuard(address guard) external restricted {
        emit MintGuardSet(address(mintGuard), guard);
        mintGuard = IMintGuard(guard);
    }

    // Compliance and pause

    /// @inheritdoc IStablecoin
    function freeze(address account) external restricted {
        if (isFrozen(account)) revert AccountIsFrozen(account);
        _balances[account] |= FROZEN;
        emit AccountFrozen(account);
    }

    /// @inheritdoc IStablecoin
    function unfreeze(address account) external restricted {
        if (account == address(0) || account == address(this)) revert ERC20InvalidReceiver(account);
        if (!isFrozen(account)) revert AccountIsNotFrozen(account);
        _balances[account] &= ~FROZEN;
        emit AccountUnfrozen(account);
    }

    /// @inheritdoc IStablecoin
    function pause() external restricted whenNotPaused {
        _paused = 1;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IStablecoin
    function unpause() external restricted {
        if (!paused()) revert TokenIsNotPaused();
        _paused = 0;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IBatchTransfer).interfaceId ||
            interfaceId == type(IERC7802).interfaceId ||
            interfaceId == type(IERC20).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    function _checkSize(bytes32[] calldata payments) private pure {
        if (!payments.isBatch()) revert BatchSizeInvalid(payments.length, PackedPayments.MAX_BATCH);
    }

    function _mint(address to, uint256 amount) private whenNotPaused {
        (bool spent, uint256 available) = _minters[msg.sender].trySpend(amount);
        if (!spent) revert MintLimitExceeded(msg.sender, available, amount);

        uint256 supplyAfter = totalSupply + amount;
        totalSupply = supplyAfter;
        _credit(to, amount);
        emit Transfer(address(0), to, amount);

        IMintGuard guard = mintGuard;
        if (address(guard) != address(0)) guard.checkMint(address(this), supplyAfter);
    }

    function _burn(address from, uint256 amount) private {
        _debit(from, amount);
        unchecked {
            // No balance is larger than the supply.
            totalSupply -= amount;
        }
        emit Transfer(from, address(0), amount);
    }
}
