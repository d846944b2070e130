// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrow} from "./interfaces/IEscrow.sol";

/**
 * @dev `IEscrow.State` in one word, so that a verb reads and writes one slot. From the lowest bit on: capturable (96),
 * refundable (96), ruling deadline (40), milestones left (8), status (8).
 */
type PackedState is uint256;

using {
    capturable,
    refundable,
    rulingDeadline,
    milestonesLeft,
    status,
    isDisputed,
    isSpent,
    opened,
    cancelled,
    disputed,
    milestonePassed,
    captured,
    split,
    refunded
} for PackedState global;

uint256 constant REFUNDABLE = 96;
uint256 constant RULING_DEADLINE = 192;
uint256 constant MILESTONES_LEFT = 232;
uint256 constant STATUS = 240;

function capturable(PackedState self) pure returns (uint256) {
    return uint96(PackedState.unwrap(self));
}

function refundable(PackedState self) pure returns (uint256) {
    return uint96(PackedState.unwrap(self) >> REFUNDABLE);
}

function rulingDeadline(PackedState self) pure returns (uint256) {
    return uint40(PackedState.unwrap(self) >> RULING_DEADLINE);
}

function milestonesLeft(PackedState self) pure returns (uint256) {
    return uint8(PackedState.unwrap(self) >> MILESTONES_LEFT);
}

function status(PackedState self) pure returns (IEscrow.Status) {
    return IEscrow.Status(PackedState.unwrap(self) >> STATUS);
}

/// @dev As by the status, without the check that a number is one.
function isDisputed(PackedState self) pure returns (bool) {
    return PackedState.unwrap(self) >> STATUS == uint256(IEscrow.Status.Disputed);
}

/// @dev Nothing is capturable or refundable.
function isSpent(PackedState self) pure returns (bool) {
    return uint192(PackedState.unwrap(self)) == 0;
}

/// @dev From nothing. `amount` is a uint96, `milestones` at most 32.
function opened(PackedState, uint256 amount, uint256 milestones) pure returns (PackedState) {
    return PackedState.wrap(amount | (milestones << MILESTONES_LEFT) | (uint256(IEscrow.Status.Open) << STATUS));
}

/// @dev From nothing.
function cancelled(PackedState) pure returns (PackedState) {
    return PackedState.wrap(uint256(IEscrow.Status.Closed) << STATUS);
}

/// @dev From an open state, which has no deadline. `deadline` is a uint40.
function disputed(PackedState self, uint256 deadline) pure returns (PackedState) {
    unchecked {
        return PackedState.wrap(PackedState.unwrap(self) + (deadline << RULING_DEADLINE) + (1 << STATUS));
    }
}

/// @dev There is one left.
function milestonePassed(PackedState self) pure returns (PackedState) {
    unchecked {
        return PackedState.wrap(PackedState.unwrap(self) - (1 << MILESTONES_LEFT));
    }
}

/// @dev `amount` is at most what is capturable. Nothing capturable closes the escrow.
function captured(PackedState self, uint256 amount) pure returns (PackedState) {
    if (amount == self.capturable()) return self.split(amount);
    unchecked {
        return PackedState.wrap(PackedState.unwrap(self) - amount + (amount << REFUNDABLE));
    }
}

/// @dev Closes: `payeeAmount`, at most what is capturable, counts as captured, the rest is the payer's.
function split(PackedState self, uint256 payeeAmount) pure returns (PackedState) {
    unchecked {
        uint256 kept = ((PackedState.unwrap(self) << 16) >> 112) << REFUNDABLE;
        return PackedState.wrap((kept + (payeeAmount << REFUNDABLE)) | (uint256(IEscrow.Status.Closed) << STATUS));
    }
}

/// @dev `amount` is at most what is refundable.
function refunded(PackedState self, uint256 amount) pure returns (PackedState) {
    unchecked {
        return PackedState.wrap(PackedState.unwrap(self) - (amount << REFUNDABLE));
    }
}
