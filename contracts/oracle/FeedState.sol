// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IOracleHub} from "./interfaces/IOracleHub.sol";

/**
 * @notice A feed in one word: its price and the rules that a reader needs. From the lowest bit up: value 96, observedAt 40,
 * round 32, isHeld 8, kind 8, decimals 8, index 8, maxAgeSeconds 32, maxDeviationBps 16.
 * @dev By hand and not as a struct, because a report reads and writes eight of them: the compiler would touch storage once a
 * member. A held price is such a word too, with nothing but the price.
 */
type FeedState is uint256;

using FeedStates for FeedState global;

/**
 * @title FeedStates
 * @notice Reads and writes the parts of a `FeedState`. Numbers are handed over in whole words, and have been checked before.
 */
library FeedStates {
    /// @dev Where the parts are. Parts at the same place can be compared without shifting them.
    uint256 internal constant OBSERVED_AT = ((1 << 40) - 1) << 96;
    uint256 internal constant ROUND = ((1 << 32) - 1) << 136;
    uint256 internal constant IS_HELD = 1 << 168;
    uint256 internal constant KIND = ((1 << 8) - 1) << 176;
    uint256 internal constant PRICE_AND_IS_HELD = (1 << 176) - 1;
    uint256 internal constant RULES = ((1 << 48) - 1) << 200;

    /// @notice A price alone, as it is held.
    function price(int256 value_, uint256 round_, uint256 observedAt_) internal pure returns (FeedState) {
        return FeedState.wrap(uint96(uint256(value_)) | (observedAt_ << 96) | (round_ << 136));
    }

    /// @notice A feed without rules and value.
    function create(IOracleHub.FeedKind kind_, uint256 decimals_, uint256 index_) internal pure returns (FeedState) {
        return FeedState.wrap((uint256(kind_) << 176) | (decimals_ << 184) | (index_ << 192));
    }

    /// @notice With another price, and nothing held.
    function withPrice(FeedState self, FeedState price_) internal pure returns (FeedState) {
        return FeedState.wrap((FeedState.unwrap(self) & ~PRICE_AND_IS_HELD) | FeedState.unwrap(price_));
    }

    /// @notice With other rules, and nothing held.
    function withRules(
        FeedState self,
        uint256 maxAgeSeconds_,
        uint256 maxDeviationBps_
    ) internal pure returns (FeedState) {
        uint256 kept = FeedState.unwrap(self) & ~(RULES | IS_HELD);
        return FeedState.wrap(kept | (maxAgeSeconds_ << 200) | (maxDeviationBps_ << 232));
    }

    function value(FeedState self) internal pure returns (int256) {
        return int256(FeedState.unwrap(self) << 160) >> 160;
    }

    function observedAt(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 96) & type(uint40).max;
    }

    function round(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 136) & type(uint32).max;
    }

    function isHeld(FeedState self) internal pure returns (bool) {
        return FeedState.unwrap(self) & IS_HELD != 0;
    }

    function kind(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 176) & type(uint8).max;
    }

    function decimals(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 184) & type(uint8).max;
    }

    function index(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 192) & type(uint8).max;
    }

    function maxAgeSeconds(FeedState self) internal pure returns (uint256) {
        return (FeedState.unwrap(self) >> 200) & type(uint32).max;
    }

    function maxDeviationBps(FeedState self) internal pure returns (uint256) {
        return FeedState.unwrap(self) >> 232;
    }
}
