// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {Underwriting} from "./Underwriting.sol";

/// @notice Fuzz tests of the cover: premiums, payouts and refunds for all rates, tiers, times and sums.
contract ParametricCoverTest is Underwriting {
    address private constant HOLDER = address(0x401D);

    function setUp() public override {
        super.setUp();
        coin.mint(address(this), type(uint96).max);
        coin.approve(address(pool), type(uint256).max);
        pool.deposit(1e24, address(this));
    }

    /// @dev Each part of the premium is rounded up, and by less than a unit.
    function testFuzz_quote_roundsUp(
        uint24 expectedLossPpm,
        uint24 loadPpm,
        uint24 chargePpm,
        uint40 steps,
        uint24 lead
    ) public {
        IParametricCover.ProductTerms memory rates = terms();
        rates.expectedLossPpm = uint24(bound(expectedLossPpm, 1, 1e6));
        (rates.loadPpm, rates.capitalChargePpmPerYear) = (loadPpm, chargePpm);
        uint256 id = createProduct(rates);
        uint256 insured = ((uint256(steps) % 1e12) + 1) * STEP;
        uint256 start = block.timestamp + bound(lead, 1 days, 5 days);

        (uint256 premium, uint256 loss, uint256 load, uint256 charge) = cover.quote(
            id,
            start,
            start + 4 hours,
            insured
        );

        uint256 time = start + 4 hours + 1 days - block.timestamp;
        _assertRoundedUp(loss, insured * rates.expectedLossPpm, 1e6, "expected loss");
        _assertRoundedUp(load, loss * loadPpm, 1e6, "load");
        _assertRoundedUp(charge, insured * chargePpm * time, 1e6 * 365 days, "capital charge");
        assertEq(premium, loss + load + charge, "premium");
    }

    /// @dev A refund in parts gives back exactly the unearned premium in the end, and never more on the way; the charge stays.
    function testFuzz_cancel_roundsDown(uint40 steps, uint40 first) public {
        uint256 insured = ((uint256(steps) % 1e11) + 2) * STEP;
        uint256 part = bound(first, 1, insured / STEP - 1) * STEP;
        uint256 before = coin.balanceOf(address(this));
        uint256 start = block.timestamp + 2 days;
        (uint256 premium, , , uint256 charge) = cover.quote(1, start, start + 4 hours, insured);
        openRisk("a", start);
        uint256 id = cover.issue(orderOf("a", start, insured, address(this)));
        assertEq(coin.balanceOf(address(this)), before - premium, "paid");
        assertEq(pool.totalAssets(), 1e24 + charge, "earned");

        uint256 refund = cover.cancel(id, part);

        assertEq(refund, ((premium - charge) * part) / insured, "refund");
        assertEq(pool.unearnedPremiums(), premium - charge - refund, "unearned");
        assertEq(pool.lockedCapital(), insured - part, "locked");
        cover.cancel(id, insured - part);
        assertEq(coin.balanceOf(address(this)), before - charge, "all but the charge");
        assertEq(pool.totalAssets(), 1e24 + charge, "the charge stays");
        assertEq(pool.lockedCapital() + pool.unearnedPremiums(), 0, "nothing left");
    }

    /// @dev A payout is exact for every tier and sum, so nothing remains in the reserve.
    function testFuzz_payPolicies_leavesNothing(uint40[5] memory steps, int64 observation, bool silent) public {
        uint256 start = block.timestamp + 2 days;
        uint256[] memory ids = new uint256[](5);
        uint256 insured = 0;
        openRisk("a", start);
        for (uint256 i = 0; i < 5; ++i) {
            uint256 sum = ((uint256(steps[i]) % 1e11) + 1) * STEP;
            insured += sum;
            ids[i] = cover.issue(orderOf("a", start, sum, HOLDER));
        }
        uint256 unearned = pool.unearnedPremiums();
        uint256 capital = pool.totalAssets();
        vm.warp(start + 4 hours + (silent ? 1 days + 1 : 0));
        if (!silent) oracle.observe(FEED, "a", start, start + 4 hours, observation);

        cover.settleRisk(1);
        uint256 payoutBps = silent ? 0 : cover.payoutBpsFor(1, observation);
        uint256 payout = (insured * payoutBps) / 10_000;
        assertEq(pool.payoutReserve(), silent ? unearned : payout, "reserve");
        assertEq(pool.totalAssets(), silent ? capital : capital + unearned - payout, "assets");
        if (silent || payoutBps != 0) cover.payPolicies(1, ids);

        assertEq(pool.payoutReserve(), 0, "reserve after");
        assertEq(coin.balanceOf(HOLDER), payout, "holder");
        assertEq(coin.balanceOf(address(pool)), pool.totalAssets(), "pool");
    }

    /// @dev The severest tier that is reached counts, for any tiers and observation.
    function testFuzz_payoutBpsFor_isThatOfTheSeverestTier(
        int48[4] memory thresholds,
        uint16[4] memory payouts,
        uint8 count,
        bool atLeast,
        int256 observation
    ) public {
        IParametricCover.ProductTerms memory rates = terms();
        if (!atLeast) rates.operator = IParametricCover.TriggerOperator.AtMost;
        IParametricCover.Tier[] memory tiers = _sorted(thresholds, payouts, bound(count, 1, 4), atLeast);
        if (tiers.length == 0) return;
        uint256 id = cover.createProduct(rates, tiers);

        uint256 expected = 0;
        for (uint256 i = 0; i < tiers.length; ++i) {
            bool reached = atLeast ? observation >= tiers[i].threshold : observation <= tiers[i].threshold;
            if (reached && tiers[i].payoutBps > expected) expected = tiers[i].payoutBps;
        }
        assertEq(cover.payoutBpsFor(id, observation), expected, "payout");
        assertEq(cover.payoutBpsFor(id, tiers[tiers.length - 1].threshold), tiers[tiers.length - 1].payoutBps, "last");
        (, IParametricCover.Tier[] memory read, ) = cover.productOf(id);
        assertEq(read.length, tiers.length, "tiers");
        for (uint256 i = 0; i < tiers.length; ++i) {
            assertTrue(read[i].threshold == tiers[i].threshold, "threshold");
            assertEq(read[i].payoutBps, tiers[i].payoutBps, "bps");
        }
    }

    function _assertRoundedUp(uint256 value, uint256 numerator, uint256 denominator, string memory what) private pure {
        assertLe(numerator, value * denominator, what);
        assertTrue(value == 0 || (value - 1) * denominator < numerator, what);
    }

    /// @dev Thresholds in the order of severity and rising payouts; none when two thresholds are the same.
    function _sorted(
        int48[4] memory thresholds,
        uint16[4] memory payouts,
        uint256 count,
        bool atLeast
    ) private pure returns (IParametricCover.Tier[] memory tiers) {
        for (uint256 i = 1; i < count; ++i) {
            for (uint256 j = i; j > 0 && (thresholds[j] < thresholds[j - 1]) == atLeast; --j) {
                (thresholds[j], thresholds[j - 1]) = (thresholds[j - 1], thresholds[j]);
            }
        }
        tiers = new IParametricCover.Tier[](count);
        uint16 payoutBps = 0;
        for (uint256 i = 0; i < count; ++i) {
            if (i != 0 && thresholds[i] == thresholds[i - 1]) return new IParametricCover.Tier[](0);
            payoutBps += 1 + (payouts[i] % 2_500);
            tiers[i] = IParametricCover.Tier(thresholds[i], payoutBps);
        }
    }
}
