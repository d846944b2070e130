// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Credits, ICredits} from "../lib/Credits.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IBatchTransfer} from "../payments/interfaces/IBatchTransfer.sol";
import {ExposureCalendar} from "./ExposureCalendar.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";

/**
 * @title CoverPool
 * @notice See `ICoverPool`, which documents every function.
 * @dev balance of the asset = totalAssets + unearnedPremiums + payoutReserve + totalCredits + what was donated.
 */
contract CoverPool is ERC4626, AccessManaged, Credits, ICoverPool {
    using ExposureCalendar for ExposureCalendar.Calendar;
    using Math for uint256;
    using PackedPayments for bytes32;
    using PackedPayments for bytes32[];

    struct RedeemRequest {
        uint256 shares;
        uint256 claimableAt;
    }

    /// @notice The most that capital and unearned premiums can be together, so that every sum fits its field.
    uint256 public constant MAX_ASSETS = type(uint112).max;

    /// @notice From this supply on nobody can enter. Only a pool that lost all its capital several times comes there, and its
    /// arithmetic would soon overflow.
    uint256 public constant MAX_SHARES = 1 << 143;

    uint256 private constant MIN_DURATION = 1 hours;
    uint256 private constant MAX_DURATION = 365 days;

    /// @dev As many virtual shares as a unit of the asset is worth at first: what makes an inflation attack lose money.
    uint8 private constant DECIMALS_OFFSET = 6;
    uint256 private constant VIRTUAL_SHARES = 10 ** DECIMALS_OFFSET;

    uint256 public immutable override cooldownSeconds;
    uint256 public immutable override claimWindowSeconds;
    bool private immutable _hasNativeBatch;

    address public override cover;
    bool public override paused;

    uint128 private _totalAssets;
    uint128 private _payoutReserve;

    /// @dev Locked capital and unearned premiums.
    ExposureCalendar.Calendar private _calendar;

    uint256 public override queuedShares;
    uint256 public override totalCredits;
    mapping(address owner => RedeemRequest) private _requests;

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
    ) ERC20(name_, symbol_) ERC4626(IERC20(asset_)) AccessManaged(authority) {
        if (asset_.code.length == 0) revert AssetInvalid(asset_);
        _checkDuration(cooldownSeconds_);
        _checkDuration(claimWindowSeconds_);
        cooldownSeconds = cooldownSeconds_;
        claimWindowSeconds = claimWindowSeconds_;
        _hasNativeBatch = ERC165Checker.supportsInterface(asset_, type(IBatchTransfer).interfaceId);
        _calendar.open();
    }

    modifier onlyCover() {
        if (msg.sender != cover) revert NotTheCover(msg.sender, cover);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert PoolIsPaused();
        _;
    }

    modifier whenBound() {
        if (cover == address(0)) revert CoverIsMissing();
        _;
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
        return MAX_ASSETS - _totalAssets - _calendar.premiums;
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

    /// @inheritdoc ICoverPool
    function requestRedeem(uint256 shares) external returns (uint256 claimableAt) {
        if (shares == 0) revert SharesAreZero(0);
        RedeemRequest storage request = _requests[msg.sender];
        uint256 available = balanceOf(msg.sender) - request.shares;
        if (shares > available) revert SharesInsufficient(msg.sender, available, shares);

        claimableAt = block.timestamp + cooldownSeconds;
        request.shares += shares;
        request.claimableAt = claimableAt;
        queuedShares += shares;
        emit RedeemRequested(msg.sender, request.shares, claimableAt, claimableAt + claimWindowSeconds);
    }

    /// @inheritdoc ICoverPool
    function cancelRequest(address owner) external returns (uint256 shares) {
        RedeemRequest memory request = _requests[owner];
        shares = request.shares;
        if (shares == 0) revert NoRedeemRequest(owner);
        uint256 lapsesAt = request.claimableAt + claimWindowSeconds;
        if (msg.sender != owner && block.timestamp < lapsesAt) {
            revert RedeemRequestIsOpen(owner, lapsesAt, block.timestamp);
        }

        delete _requests[owner];
        queuedShares -= shares;
        emit RedeemRequestCancelled(owner, msg.sender, shares);
    }

    /// @inheritdoc ICoverPool
    function redeemRequestOf(
        address owner
    ) external view returns (uint256 shares, uint256 claimableAt, uint256 lapsesAt) {
        RedeemRequest memory request = _requests[owner];
        if (request.shares != 0) {
            (shares, claimableAt) = (request.shares, request.claimableAt);
            lapsesAt = claimableAt + claimWindowSeconds;
        }
    }

    /// @inheritdoc IERC4626
    /// @dev While capital is locked, one share stays: somebody must own what becomes free again.
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256 shares) {
        RedeemRequest memory request = _requests[owner];
        if (block.timestamp < request.claimableAt) return 0;
        if (block.timestamp >= request.claimableAt + claimWindowSeconds) return 0;

        if (_calendar.locked == 0) return request.shares;
        uint256 supply = totalSupply();
        // The most shares whose assets, rounded down, are free.
        uint256 beyondFree = _totalAssets - _calendar.locked + 1;
        uint256 beyond = beyondFree.mulDiv(supply + VIRTUAL_SHARES, _exitAssets(), Math.Rounding.Ceil);
        shares = Math.min(request.shares, beyond - 1);
        if (shares == supply) --shares;
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return previewRedeem(maxRedeem(owner));
    }

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
        if (_calendar.locked == 0 && assets <= _totalAssets) return Math.min(shares, supply);
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
        return _calendar.premiums;
    }

    /// @inheritdoc ICoverPool
    function payoutReserve() external view returns (uint256) {
        return _payoutReserve;
    }

    /// @inheritdoc ICoverPool
    function capacity() public view returns (uint256) {
        uint256 queued = _convertToAssets(queuedShares, Math.Rounding.Ceil);
        return uint256(_totalAssets - _calendar.locked).saturatingSub(queued);
    }

    /// @inheritdoc ICoverPool
    function begunExposure() external view returns (uint256 locked, uint256 premiums) {
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
        uint256 booked = uint256(_totalAssets) + _calendar.premiums + _payoutReserve + totalCredits;
        amount = IERC20(asset()).balanceOf(address(this)).saturatingSub(booked);
        if (amount == 0 || totalSupply() == 0) revert NothingToAbsorb();
        _checkRoom(amount);

        _totalAssets += uint128(amount);
        emit DonationAbsorbed(msg.sender, amount);
    }

    // For the cover contract

    /// @inheritdoc ICoverPool
    function setCover(address cover_) external restricted {
        if (cover != address(0)) revert CoverIsSet(cover);
        if (cover_.code.length == 0 || address(IParametricCover(cover_).pool()) != address(this)) {
            revert CoverInvalid(cover_);
        }

        cover = cover_;
        emit CoverSet(cover_);
    }

    /// @inheritdoc ICoverPool
    function underwrite(
        uint256 riskNumber,
        address payer,
        uint256 windowStart,
        uint256 premium,
        uint256 largestPayout
    ) external onlyCover whenNotPaused nonReentrant {
        uint256 available = capacity();
        if (largestPayout > available) revert CapacityExceeded(available, largestPayout);
        _checkRoom(premium);

        _calendar.add(windowStart, largestPayout, premium);
        emit CapitalLocked(riskNumber, payer, largestPayout, premium);

        TokenTransfer.pull(asset(), payer, premium);
    }

    /// @inheritdoc ICoverPool
    function unwind(
        uint256 riskNumber,
        address payee,
        uint256 windowStart,
        uint256 refund,
        uint256 largestPayout
    ) external onlyCover nonReentrant {
        _calendar.remove(windowStart, largestPayout, refund);
        emit CapitalReleased(riskNumber, payee, largestPayout, refund);

        _payOrCredit(riskNumber, payee, refund);
    }

    /// @inheritdoc ICoverPool
    function settle(
        uint256 riskNumber,
        uint256 windowStart,
        uint256 largestPayout,
        uint256 premiums,
        uint256 payout,
        uint256 refund
    ) external onlyCover nonReentrant {
        uint256 earned = premiums - refund;
        uint256 owed = payout + refund;
        // Sums first, so that the word is written once. Nothing truncates: see _checkRoom.
        (uint256 assets, uint256 reserve) = (_totalAssets + earned - payout, _payoutReserve + owed);
        (_totalAssets, _payoutReserve) = (uint128(assets), uint128(reserve));
        _calendar.remove(windowStart, largestPayout, premiums);
        emit RiskClosed(riskNumber, largestPayout, earned, owed);
    }

    /// @inheritdoc ICoverPool
    function pay(uint256 riskNumber, bytes32[] calldata payments) external onlyCover nonReentrant {
        uint256 total = payments.total();
        _payoutReserve -= uint128(total);

        if (_hasNativeBatch) {
            _payBatch(riskNumber, payments, total);
        } else {
            for (uint256 i = 0; i < payments.length; ++i) {
                _payOrCredit(riskNumber, payments[i].recipientOf(), payments[i].amountOf());
            }
        }
    }

    // Credits and pause

    /// @inheritdoc ICredits
    function withdrawCredit(
        address token,
        address account
    ) public override(Credits, ICredits) returns (uint256 amount) {
        amount = super.withdrawCredit(token, account);
        totalCredits -= amount;
    }

    /// @inheritdoc ICoverPool
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc ICoverPool
    function unpause() external restricted {
        if (!paused) revert PoolIsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    // Prices

    function _entryAssets() private view returns (uint256) {
        (, uint256 premiums) = _calendar.begunNow();
        return _totalAssets + premiums + 1;
    }

    function _exitAssets() private view returns (uint256) {
        (uint256 locked, ) = _calendar.begunNow();
        return _totalAssets - locked + 1;
    }

    // Shares

    /// @dev Shares in the pool's own account would be nobody's for ever.
    function _update(address from, address to, uint256 shares) internal override {
        if (to == address(this)) revert ERC20InvalidReceiver(to);
        if (to != address(0) && from != address(0)) {
            uint256 available = balanceOf(from) - _requests[from].shares;
            if (shares > available) revert SharesAreRequested(from, available, shares);
        }
        super._update(from, to, shares);
    }

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
        _requests[owner].shares -= shares;
        queuedShares -= shares;
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

    // Payments

    function _payBatch(uint256 riskNumber, bytes32[] calldata payments, uint256 total) private {
        address token = asset();
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        (, uint256 returned) = IBatchTransfer(token).transferBatch(payments);
        uint256 settled = total - payments.totalOf(returned);
        _checkSpent(token, balanceBefore, settled);
        if (returned == 0) return;

        for (uint256 i = 0; i < payments.length; ++i) {
            if ((returned >> i) & 1 == 0) continue;
            _addCredit(riskNumber, payments[i].recipientOf(), payments[i].amountOf());
        }
    }

    function _checkSpent(address token, uint256 balanceBefore, uint256 expected) private view {
        unchecked {
            int256 observed = int256(IERC20(token).balanceOf(address(this)) - balanceBefore);
            if (observed != -int256(expected)) {
                revert TokenTransfer.UnexpectedBalanceChange(token, address(this), -int256(expected), observed);
            }
        }
    }

    function _payOrCredit(uint256 riskNumber, address payee, uint256 amount) private {
        if (!TokenTransfer.tryPush(asset(), payee, amount)) _addCredit(riskNumber, payee, amount);
    }

    function _addCredit(uint256 riskNumber, address payee, uint256 amount) private {
        totalCredits += amount;
        _credit(asset(), payee, amount, bytes32(riskNumber));
    }

    // Checks

    function _checkRoom(uint256 amount) private view {
        uint256 assets = uint256(_totalAssets) + _calendar.premiums + amount;
        if (assets > MAX_ASSETS) revert AssetsExceedMaximum(assets, MAX_ASSETS);
    }

    function _checkDuration(uint256 durationSeconds) private pure {
        if (durationSeconds < MIN_DURATION || durationSeconds > MAX_DURATION) {
            revert DurationInvalid(durationSeconds, MIN_DURATION, MAX_DURATION);
        }
    }
}
