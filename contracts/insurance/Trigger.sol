// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParametricCover} from "./interfaces/IParametricCover.sol";

/**
 * @title Trigger
 * @notice The operator and up to four payout tiers in one word, so that a settlement reads them at once. Each tier takes 62
 * bits, the mildest the lowest: payout in basis points in the lower 14, threshold in the 48 above. A payout of 0 is no tier.
 * The operator is above all tiers.
 */
library Trigger {
    uint256 internal constant MAX_TIERS = 4;
    uint256 internal constant MAX_BPS = 10_000;
    uint256 private constant TIER_BITS = 62;
    uint256 private constant PAYOUT_BITS = 14;
    uint256 private constant PAYOUT_MASK = (1 << PAYOUT_BITS) - 1;
    uint256 private constant OPERATOR_BIT = MAX_TIERS * TIER_BITS;

    /// @dev Reverts with TierCountInvalid, TierInvalid.
    function pack(
        IParametricCover.Tier[] calldata tiers,
        IParametricCover.TriggerOperator operator
    ) internal pure returns (uint256 packed) {
        uint256 count = tiers.length;
        if (count == 0 || count > MAX_TIERS) revert IParametricCover.TierCountInvalid(count, MAX_TIERS);

        packed = uint256(operator) << OPERATOR_BIT;
        uint256 payoutBefore = 0;
        int256 thresholdBefore = tiers[0].threshold;
        for (uint256 i = 0; i < count; ++i) {
            (int256 threshold, uint256 payoutBps) = (tiers[i].threshold, tiers[i].payoutBps);
            bool severer = i == 0 || (threshold != thresholdBefore && _reaches(packed, threshold, thresholdBefore));
            if (payoutBps <= payoutBefore || payoutBps > MAX_BPS || !severer) {
                revert IParametricCover.TierInvalid(i, threshold, payoutBps);
            }
            packed |= ((uint256(uint48(int48(threshold))) << PAYOUT_BITS) | payoutBps) << (i * TIER_BITS);
            (payoutBefore, thresholdBefore) = (payoutBps, threshold);
        }
    }

    function tiersOf(uint256 packed) internal pure returns (IParametricCover.Tier[] memory tiers) {
        uint256 count = 0;
        while (count < MAX_TIERS && _payoutOf(packed, count) != 0) ++count;
        tiers = new IParametricCover.Tier[](count);
        for (uint256 i = 0; i < count; ++i) {
            tiers[i] = IParametricCover.Tier(int48(_thresholdOf(packed, i)), uint16(_payoutOf(packed, i)));
        }
    }

    /// @notice The payout of the severest tier that `observation` reaches, 0 when it reaches none.
    function payoutBpsFor(uint256 packed, int256 observation) internal pure returns (uint256 payoutBps) {
        // Tiers become severer, so the first one that is not reached ends the search.
        for (uint256 i = 0; i < MAX_TIERS; ++i) {
            uint256 next = _payoutOf(packed, i);
            if (next == 0 || !_reaches(packed, observation, _thresholdOf(packed, i))) break;
            payoutBps = next;
        }
    }

    function maxPayoutBps(uint256 packed) internal pure returns (uint256 payoutBps) {
        for (uint256 i = MAX_TIERS; payoutBps == 0;) payoutBps = _payoutOf(packed, --i);
    }

    function _reaches(uint256 packed, int256 value, int256 threshold) private pure returns (bool) {
        bool atLeast = packed >> OPERATOR_BIT == uint256(IParametricCover.TriggerOperator.AtLeast);
        return atLeast ? value >= threshold : value <= threshold;
    }

    function _thresholdOf(uint256 packed, uint256 index) private pure returns (int256) {
        return int48(uint48(packed >> (index * TIER_BITS + PAYOUT_BITS)));
    }

    function _payoutOf(uint256 packed, uint256 index) private pure returns (uint256) {
        return (packed >> (index * TIER_BITS)) & PAYOUT_MASK;
    }
}
