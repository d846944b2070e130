// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {BoundedVault} from "./BoundedVault.sol";
import {ExposureCalendar} from "./ExposureCalendar.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";
import {PoolAccess} from "./PoolAccess.sol";
import {PoolPayments} from "./PoolPayments.sol";
import {RedeemQueue} from "./RedeemQueue.sol";

/**
 * @title CoverPool
 * @notice See `ICoverPool`, which documents every function.
 * @dev balance of the asset = totalAssets + unearnedPremiums + payoutReserve + totalCredits + what was donated.
 */
contract CoverPool is BoundedVault, PoolPayments, PoolAccess {
    using ExposureCalendar for ExposureCalendar.Calendar;
    using Math for uint256;
    using PackedPayments for bytes32[];

    /// @notice The most that capital and unearned premiums can be together, so that every sum fits its field.
    uint256 public constant MAX_ASSETS = type(uint112).max;

    /// @notice From this supply on nobody can enter. Only a pool that lost all its capital several times comes there, and its
    /// arithmetic would soon overflow.
    uint256 public constant MAX_SHARES = 1 << 143;

    /// @dev As many virtual shares as a unit of the asset is worth at first: what makes an inflation attack lose money.
    uint8 private constant DECIMALS_OFFSET = 6;
    uint256 private constant VIRTUAL_SHARES = 10 ** DECIMALS_OFFSET;

    /// @dev So many shares stay for each locked unit: what becomes free again is theirs but for a hundredth of VIRTUAL_SHARES
    /// units, whoever enters then. Were there few of them, it would be the virtual shares', and the last one's to leave. Where a
    /// gift made shares dear, the locked part of them stays, so that nobody stops exits by a little cover.
    uint256 private constant SHARES_KEPT = 100;

    uint128 private _totalAssets;
    uint128 private _payoutReserve;

    /// @dev Locked capital and unearned premiums.
    ExposureCalendar.Calendar private _calendar;

    /**
     * @param asset_ Any ERC-20; what pays and is paid.
     * @param authority The AccessManager that holds every role.
     * @param cooldownSeconds_ From a request until its shares can be redeemed, 1 hour to 365 days.
     * @param claimWindowSeconds_ How long they then can be, 1 hour to 365 days.
     */
    constructor(
        address asset_,
        string memory name_,
        string memory symbol_,
        address authority,
        uint256 cooldownSeconds_,
        uint256 claimWindowSeconds_
    )
        ERC20(name_, symbol_)
        ERC4626(IERC20(asset_))
        RedeemQueue(cooldownSeconds_, claimWindowSeconds_)
        PoolPayments(asset_)
        AccessManaged(authority)
    {
        _calendar.open();
    }

    // Entry

    /// @inheritdoc IERC4626
    function deposit(
        uint256 assets,
        address receiver
    ) public override(ERC4626, IERC4626) whenNotPaused whenBound returns (uint256) {
        return super.deposit(assets, receiver);
    }

    /// @inheritdoc IERC4626
    function mint(
        uint256 shares,
        address receiver
    ) public override(ERC4626, IERC4626) whenNotPaused whenBound returns (uint256) {
        return super.mint(shares, receiver);
    }

    /// @inheritdoc IERC4626
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        if (paused || cover == address(0) || totalSupply() >= MAX_SHARES) return 0;
        return MAX_ASSETS - _totalAssets - _calendar.unearned;
    }

    /// @inheritdoc IERC4626
    function maxMint(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        return previewDeposit(maxDeposit(receiver));
    }

    /// @inheritdoc IERC4626
    function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
        return assets.mulDiv(totalSupply() + VIRTUAL_SHARES, _entryAssets());
    }

    /// @inheritdoc IERC4626
    function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        return shares.mulDiv(_entryAssets(), totalSupply() + VIRTUAL_SHARES, Math.Rounding.Ceil);
    }

    // Exit

    /// @inheritdoc IERC4626
    function previewRedeem(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 supply = totalSupply();
        if (shares == supply && _calendar.locked == 0) return _totalAssets;
        return shares.mulDiv(_exitAssets(), supply + VIRTUAL_SHARES);
    }

    /// @inheritdoc IERC4626
    function previewWithdraw(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256 shares) {
        uint256 supply = totalSupply();
        shares = assets.mulDiv(supply + VIRTUAL_SHARES, _exitAssets(), Math.Rounding.Ceil);
        if (_calendar.locked != 0 || assets > _totalAssets) return shares;
        // A share stays with what is not taken, or it would be nobody's; the only one there is cannot.
        return Math.min(shares, assets == _totalAssets ? supply : Math.max(supply, 2) - 1);
    }

    // What is where

    /// @inheritdoc IERC4626
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        return _totalAssets;
    }

    /// @inheritdoc ICoverPool
    function lockedCapital() external view returns (uint256) {
        return _calendar.locked;
    }

    /// @inheritdoc ICoverPool
    function unearnedPremiums() external view returns (uint256) {
        return _calendar.unearned;
    }

    /// @inheritdoc ICoverPool
    function payoutReserve() external view returns (uint256) {
        return _payoutReserve;
    }

    /// @inheritdoc ICoverPool
    function capacity() public view returns (uint256) {
        // If all is requested, the virtual shares' part as well.
        uint256 queued =
            queuedShares == totalSupply() ? _totalAssets : _convertToAssets(queuedShares, Math.Rounding.Ceil);
        return uint256(_totalAssets - _calendar.locked).saturatingSub(queued);
    }

    /// @inheritdoc ICoverPool
    function begunExposure() external view returns (uint256 locked, uint256 unearned) {
        return _calendar.begunNow();
    }

    /// @inheritdoc ICoverPool
    function rolledDay() external view returns (uint256) {
        return _calendar.rolledDay;
    }

    /// @inheritdoc ICoverPool
    function roll(uint256 maxDays) external returns (uint256 rolled) {
        return _calendar.roll(maxDays);
    }

    /// @inheritdoc ICoverPool
    function absorb() external nonReentrant returns (uint256 amount) {
        uint256 booked = uint256(_totalAssets) + _calendar.unearned + _payoutReserve + totalCredits;
        amount = IERC20(asset()).balanceOf(address(this)).saturatingSub(booked);
        if (amount == 0 || totalSupply() == 0) revert NothingToAbsorb();
        _checkRoom(amount);

        _totalAssets += uint128(amount);
        emit DonationAbsorbed(msg.sender, amount);
    }

    // For the cover contract

    /// @inheritdoc ICoverPool
    function underwrite(
        uint256 riskNumber,
        address payer,
        uint256 day,
        uint256 unearnedPremium,
        uint256 capitalCharge,
        uint256 largestPayout
    ) external onlyCover whenNotPaused nonReentrant {
        uint256 available = capacity();
        if (largestPayout > available) revert CapacityExceeded(available, largestPayout);
        uint256 premium = unearnedPremium + capitalCharge;
        _checkRoom(premium);

        _totalAssets += uint128(capitalCharge);
        _calendar.add(day, largestPayout, unearnedPremium);
        emit CapitalLocked(riskNumber, payer, largestPayout, unearnedPremium, capitalCharge);

        TokenTransfer.pull(asset(), payer, premium);
    }

    /// @inheritdoc ICoverPool
    function unwind(
        uint256 riskNumber,
        address payee,
        uint256 day,
        uint256 refund,
        uint256 largestPayout
    ) external onlyCover nonReentrant {
        _calendar.remove(day, largestPayout, refund);
        emit CapitalReleased(riskNumber, payee, largestPayout, refund);

        _payOrCredit(riskNumber, payee, refund);
    }

    /// @inheritdoc ICoverPool
    function settle(
        uint256 riskNumber,
        uint256 day,
        uint256 largestPayout,
        uint256 unearned,
        uint256 payout,
        uint256 refund
    ) external onlyCover nonReentrant {
        uint256 earned = unearned - refund;
        uint256 owed = payout + refund;
        // Sums first, so that the word is written once. Nothing truncates: see _checkRoom.
        (uint256 assets, uint256 reserve) = (_totalAssets + earned - payout, _payoutReserve + owed);
        (_totalAssets, _payoutReserve) = (uint128(assets), uint128(reserve));
        _calendar.remove(day, largestPayout, unearned);
        emit RiskClosed(riskNumber, largestPayout, earned, owed);
    }

    /// @inheritdoc ICoverPool
    function pay(uint256 riskNumber, bytes32[] calldata payments) external onlyCover nonReentrant {
        uint256 total = payments.total();
        _payoutReserve -= uint128(total);
        _payAll(riskNumber, payments, total);
    }

    // Prices

    function _entryAssets() private view returns (uint256) {
        (, uint256 unearned) = _calendar.begunNow();
        return _totalAssets + unearned + 1;
    }

    function _exitAssets() private view returns (uint256) {
        (uint256 locked, ) = _calendar.begunNow();
        return _totalAssets - locked + 1;
    }

    /// @dev While capital is locked, shares stay: somebody must own what becomes free again.
    function _redeemable(address owner) internal view override returns (uint256 shares) {
        shares = _claimableShares(owner);
        if (_calendar.locked == 0) return shares;

        uint256 supply = totalSupply();
        // The most shares whose assets, rounded down, are free.
        uint256 beyondFree = _totalAssets - _calendar.locked + 1;
        uint256 beyond = beyondFree.mulDiv(supply + VIRTUAL_SHARES, _exitAssets(), Math.Rounding.Ceil);
        shares = Math.min(shares, beyond - 1);
        // The virtual shares bear their part of it, as they do in `capacity`.
        uint256 lockedPart = (supply + VIRTUAL_SHARES)
            .mulDiv(_calendar.locked, _totalAssets, Math.Rounding.Ceil)
            .saturatingSub(VIRTUAL_SHARES);
        shares = Math.min(shares, supply - Math.min(_calendar.locked * SHARES_KEPT, Math.max(lockedPart, 1)));
    }

    // Shares

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override nonReentrant {
        if (shares == 0) revert SharesAreZero(assets);

        _calendar.roll(type(uint256).max);
        super._deposit(caller, receiver, assets, shares);
        _totalAssets += uint128(assets);
    }

    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal override nonReentrant {
        _calendar.roll(type(uint256).max);
        _claim(owner, shares);
        // What the last owner leaves is nobody's, and waits for `absorb`.
        _totalAssets = shares == totalSupply() ? 0 : _totalAssets - uint128(assets);
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _transferIn(address from, uint256 assets) internal override {
        TokenTransfer.pull(asset(), from, assets);
    }

    function _transferOut(address to, uint256 assets) internal override {
        TokenTransfer.send(asset(), to, assets);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return DECIMALS_OFFSET;
    }

    function _checkRoom(uint256 amount) private view {
        uint256 assets = uint256(_totalAssets) + _calendar.unearned + amount;
        if (assets > MAX_ASSETS) revert AssetsExceedMaximum(assets, MAX_ASSETS);
    }
}
