// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";

/**
 * @title RedeemQueue
 * @notice See `ICoverPool`, which documents every function: shares that are asked back, from the request to the exit.
 */
abstract contract RedeemQueue is ERC4626, ICoverPool {
    struct RedeemRequest {
        uint256 shares;
        uint256 claimableAt;
    }

    uint256 private constant MIN_DURATION = 1 hours;
    uint256 private constant MAX_DURATION = 365 days;

    uint256 public immutable override cooldownSeconds;
    uint256 public immutable override claimWindowSeconds;

    uint256 public override queuedShares;
    mapping(address owner => RedeemRequest) private _requests;

    constructor(uint256 cooldownSeconds_, uint256 claimWindowSeconds_) {
        _checkDuration(cooldownSeconds_);
        _checkDuration(claimWindowSeconds_);
        cooldownSeconds = cooldownSeconds_;
        claimWindowSeconds = claimWindowSeconds_;
    }

    /// @inheritdoc ICoverPool
    function requestRedeem(uint256 shares) external returns (uint256 claimableAt) {
        RedeemRequest storage request = _requests[msg.sender];
        if (shares == 0 && request.shares == 0) revert SharesAreZero(0);
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

    /// @dev The shares of a request that is between its cooldown and its lapse.
    function _claimableShares(address owner) internal view returns (uint256) {
        RedeemRequest memory request = _requests[owner];
        if (block.timestamp < request.claimableAt) return 0;
        if (block.timestamp >= request.claimableAt + claimWindowSeconds) return 0;
        return request.shares;
    }

    /// @dev The shares leave the request, to be burned.
    function _claim(address owner, uint256 shares) internal {
        _requests[owner].shares -= shares;
        queuedShares -= shares;
    }

    /// @dev Shares in the pool's own account would be nobody's for ever.
    function _update(address from, address to, uint256 shares) internal override {
        if (to == address(this)) revert ERC20InvalidReceiver(to);
        if (to != address(0) && from != address(0)) {
            uint256 available = balanceOf(from) - _requests[from].shares;
            if (shares > available) revert SharesAreRequested(from, available, shares);
        }
        super._update(from, to, shares);
    }

    function _checkDuration(uint256 durationSeconds) private pure {
        if (durationSeconds < MIN_DURATION || durationSeconds > MAX_DURATION) {
            revert DurationInvalid(durationSeconds, MIN_DURATION, MAX_DURATION);
        }
    }
}
