// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CoverPool} from "../../../contracts/insurance/CoverPool.sol";
import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {ParametricCover} from "../../../contracts/insurance/ParametricCover.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {SettableOracle} from "./SettableOracle.sol";
import {Test} from "../support/Test.sol";
import {Underwriting} from "./Underwriting.sol";

// Long, because the runner knows the actions of its own file only.

/// @notice Everybody at once, each for itself: underwriters who leave and enter when it suits them, a buyer, two holders, one of
/// whom is frozen now and then, keepers who pay what was paid, an oracle that is late or silent, and hostile roles.
contract InsuranceActions is Test {
    bytes32 private constant FEED = "flight-delay-minutes";
    uint256 private constant STEP = 10_000;

    CoverPool private immutable pool;
    ParametricCover private immutable cover;
    Stablecoin private immutable coin;
    SettableOracle private immutable oracle;
    uint256 private immutable startedAt = block.timestamp;

    address public immutable buyer = address(0xB0);
    address[3] public underwriters = [address(0xA1), address(0xA2), address(0xA3)];
    address[2] public holders = [address(0xC1), address(0xC2)];

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;

    // What went wrong, if it did.
    bool public someoneLeftAhead;
    bool public someoneEnteredAhead;
    bool public settledAnew;
    bool public paidWrongly;

    /// @dev Time passes with each action, so that a history sees risks from their sale to their payment.
    modifier onTime() {
        elapsed += 4 hours;
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(CoverPool pool_, ParametricCover cover_, Stablecoin coin_, SettableOracle oracle_) {
        (pool, cover, coin, oracle) = (pool_, cover_, coin_, oracle_);
        for (uint256 i = 0; i < underwriters.length; ++i) _approve(underwriters[i]);
        _approve(buyer);
    }

    function arrive() external {
        vm.warp(startedAt + elapsed);
    }

    // Underwriters

    function deposit(uint8 who, uint40 amount) external onTime {
        address owner = underwriters[who % 3];
        (uint256 assets, uint256 shares) = _bestCase();
        vm.prank(owner);
        try pool.deposit(amount, owner) {
            (uint256 assetsAfter, uint256 sharesAfter) = _bestCase();
            if (assetsAfter * shares < assets * sharesAfter) someoneEnteredAhead = true;
        } catch {}
    }

    function requestRedeem(uint8 who, uint256 part) external onTime {
        address owner = underwriters[who % 3];
        (uint256 requested, , ) = pool.redeemRequestOf(owner);
        uint256 free = pool.balanceOf(owner) - requested;
        if (free == 0) return;
        uint256 shares = bound(part, 1, free);
        vm.prank(owner);
        pool.requestRedeem(shares);
    }

    function cancelRequest(uint8 who, bool byOwner) external onTime {
        address owner = underwriters[who % 3];
        vm.prank(byOwner ? owner : buyer);
        try pool.cancelRequest(owner) {} catch {}
    }

    function redeem(uint8 who, uint256 part, bool byAssets) external onTime {
        address owner = underwriters[who % 3];
        uint256 most = byAssets ? pool.maxWithdraw(owner) : pool.maxRedeem(owner);
        if (most == 0 || coin.isFrozen(owner)) return;
        (uint256 assets, uint256 shares) = _worstCase();
        uint256 amount = bound(part, 1, most);
        vm.prank(owner);
        if (byAssets) pool.withdraw(amount, owner, owner);
        else pool.redeem(amount, owner, owner);
        (uint256 assetsAfter, uint256 sharesAfter) = _worstCase();
        if (pool.totalSupply() != 0 && assetsAfter * shares < assets * sharesAfter) someoneLeftAhead = true;
    }

    function transferShares(uint8 from, uint8 to, uint256 shares) external onTime {
        address owner = underwriters[from % 3];
        vm.prank(owner);
        try pool.transfer(underwriters[to % 3], shares % (pool.balanceOf(owner) + 1)) {} catch {}
    }

    function donate(uint24 amount) external onTime {
        vm.prank(buyer);
        try coin.transfer(address(pool), amount) {} catch {}
        try pool.absorb() {} catch {}
    }

    function roll(uint8 maxDays) external onTime {
        pool.roll(maxDays);
    }

    // Buyer and holders

    function buy(uint8 subject, uint8 day, uint16 hour, uint24 steps, uint8 who) external onTime {
        uint256 windowStart = (block.timestamp / 1 days + 2 + (day % 4)) * 1 days + (hour % 4) * 6 hours;
        IParametricCover.CoverOrder memory order = IParametricCover.CoverOrder({
            productId: 1,
            subject: bytes32(uint256(subject % 3) + 1),
            windowStart: windowStart,
            windowEnd: windowStart + 4 hours,
            insured: (uint256(steps) + 1) * STEP,
            maxPremium: type(uint256).max,
            holder: holders[who % 2],
            transferable: true
        });
        vm.prank(buyer);
        try cover.issue(order) {} catch {}
    }

    function cancelPolicy(uint256 policyId, uint24 steps) external onTime {
        policyId = _policy(policyId);
        if (policyId == 0) return;
        (IParametricCover.Policy memory policy, ) = cover.policyOf(policyId);
        vm.prank(policy.holder);
        try cover.cancel(policyId, bound(steps, 1, policy.insuredSteps) * STEP) {} catch {}
    }

    function transferPolicy(uint256 policyId, uint8 who) external onTime {
        policyId = _policy(policyId);
        if (policyId == 0) return;
        (IParametricCover.Policy memory policy, ) = cover.policyOf(policyId);
        vm.prank(policy.holder);
        cover.transferPolicy(policyId, holders[who % 2]);
    }

    // Oracle and keepers

    /// @dev Mostly of a risk whose time has come; also before its window is over, and again after it was settled as silent.
    function observe(uint256 riskNumber, int16 minutes_) external onTime {
        riskNumber = _risk(riskNumber, IParametricCover.RiskState.Open);
        if (riskNumber == 0) return;
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        if (risk.state == IParametricCover.RiskState.Observed) return;
        oracle.observe(FEED, risk.subject, risk.windowStart, risk.windowEnd, minutes_ % 300);
    }

    function settle(uint256 riskNumber) external onTime {
        riskNumber = _risk(riskNumber, IParametricCover.RiskState.Open);
        if (riskNumber == 0) return;
        IParametricCover.RiskState before = cover.riskOf(riskNumber).state;
        try cover.settleRisk(riskNumber) {
            if (before != IParametricCover.RiskState.Open) settledAnew = true;
        } catch {}
    }

    /// @dev Policies of this risk and of others, paid or not, some of them twice.
    function pay(uint256 seed, uint8 count, bool silent) external onTime {
        uint256 riskNumber = _risk(
            seed,
            silent ? IParametricCover.RiskState.Silent : IParametricCover.RiskState.Observed
        );
        if (riskNumber == 0) return;
        uint256[] memory ids = new uint256[](1 + (count % 12));
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = 1 + (((seed % 1000) + i / 2) % (cover.policyCount() + 1));
        uint256 owed = _owed(riskNumber, ids);
        uint256 before = _received();
        try cover.payPolicies(riskNumber, ids) {
            if (_received() - before != owed || _isOwed(ids, riskNumber)) paidWrongly = true;
        } catch {}
    }

    function withdrawCredit(uint8 who) external onTime {
        address account = who % 3 == 2 ? buyer : holders[who % 2];
        try pool.withdrawCredit(address(coin), account) {} catch {}
    }

    // Roles turned hostile

    function freeze(uint8 who, bool for_) external onTime {
        address account =
            who % 3 == 0
                ? holders[1]
                : who % 3 == 1
                    ? buyer
                    : underwriters[2];
        if (coin.isFrozen(account)) coin.unfreeze(account);
        else if (for_ && who % 2 == 0) coin.freeze(account);
    }

    function pause(uint8 what) external onTime {
        (, , bool paused) = cover.productOf(1);
        if (pool.paused()) pool.unpause();
        else if (what % 4 == 0) pool.pause();
        if (paused) cover.unpauseProduct(1);
        else if (what % 4 == 1) cover.pauseProduct(1);
    }

    function steal(uint88 amount) external onTime {
        try pool.setCover(address(this)) {} catch {}
        try pool.underwrite(1, buyer, 0, amount, 0) {} catch {}
        try pool.unwind(1, address(this), 0, amount, 0) {} catch {}
        try pool.settle(1, 0, 0, 0, amount, 0) {} catch {}
        bytes32[] memory payments = new bytes32[](1);
        payments[0] = bytes32((uint256(uint160(address(this))) << 96) | amount);
        try pool.pay(1, payments) {} catch {}
    }

    function wait(uint24 time) external {
        elapsed += time % 2 days;
    }

    // What the invariants sum up

    function policiesOf(uint256 riskNumber) public view returns (uint256 steps, uint256 premiums) {
        for (uint256 id = 1; id <= cover.policyCount(); ++id) {
            try cover.policyOf(id) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory purchase
            ) {
                if (policy.riskNumber == riskNumber) {
                    steps += policy.insuredSteps;
                    premiums += purchase.premium;
                }
            } catch {}
        }
    }

    // Parts

    /// @dev What the shares would be worth if every begun risk paid its most.
    function _worstCase() private view returns (uint256 assets, uint256 shares) {
        (uint256 locked, ) = pool.begunExposure();
        return (pool.totalAssets() - locked + 1, pool.totalSupply() + 1e6);
    }

    /// @dev What the shares would be worth if no begun risk paid anything.
    function _bestCase() private view returns (uint256 assets, uint256 shares) {
        (, uint256 premiums) = pool.begunExposure();
        return (pool.totalAssets() + premiums + 1, pool.totalSupply() + 1e6);
    }

    function _owed(uint256 riskNumber, uint256[] memory ids) private view returns (uint256 owed) {
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_isAmong(ids, i)) continue;
            try cover.policyOf(ids[i]) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory purchase
            ) {
                if (policy.riskNumber != riskNumber) continue;
                bool silent = risk.state == IParametricCover.RiskState.Silent;
                owed += silent ? purchase.premium : uint256(policy.insuredSteps) * risk.payoutBps;
            } catch {}
        }
    }

    /// @dev True when the id at `index` stands before it already.
    function _isAmong(uint256[] memory ids, uint256 index) private pure returns (bool) {
        for (uint256 i = 0; i < index; ++i) if (ids[i] == ids[index]) return true;
        return false;
    }

    function _received() private view returns (uint256) {
        uint256 credits = pool.creditOf(holders[1], address(coin)) + pool.creditOf(buyer, address(coin));
        return coin.balanceOf(holders[0]) + coin.balanceOf(holders[1]) + coin.balanceOf(buyer) + credits;
    }

    function _isOwed(uint256[] memory ids, uint256 riskNumber) private view returns (bool) {
        for (uint256 i = 0; i < ids.length; ++i) {
            try cover.policyOf(ids[i]) returns (
                IParametricCover.Policy memory policy,
                IParametricCover.Purchase memory
            ) {
                if (policy.riskNumber == riskNumber) return true;
            } catch {}
        }
        return false;
    }

    /// @dev For three of four seeds a risk in this state, over if it is open, from the given one on; any risk otherwise; 0
    /// when there is none.
    function _risk(uint256 seed, IParametricCover.RiskState state) private view returns (uint256) {
        uint256 count = cover.riskCount();
        for (uint256 i = 0; i < count && seed % 4 != 0; ++i) {
            uint256 riskNumber = 1 + ((((seed / 4) % count) + i) % count);
            IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
            if (risk.state == state && risk.windowEnd <= block.timestamp) return riskNumber;
        }
        return count == 0 ? 0 : 1 + ((seed / 4) % count);
    }

    /// @dev A policy that is there, from the given one on; 0 when there is none.
    function _policy(uint256 policyId) private view returns (uint256) {
        uint256 count = cover.policyCount();
        for (uint256 i = 0; i < count; ++i) {
            uint256 id = 1 + (((policyId % count) + i) % count);
            try cover.policyOf(id) {
                return id;
            } catch {}
        }
        return 0;
    }

    function _approve(address owner) private {
        vm.prank(owner);
        coin.approve(address(pool), type(uint256).max);
    }
}

/// @notice Invariants 1 to 13 of docs/domains/insurance.md.
contract InsuranceInvariantsTest is Underwriting {
    InsuranceActions private actions;
    uint256 private immutable startedAt = 1_800_000_000;

    function setUp() public override {
        super.setUp();
        actions = new InsuranceActions(pool, cover, coin, oracle);
        coin.mint(actions.buyer(), 1e18);
        for (uint256 i = 0; i < 3; ++i) coin.mint(actions.underwriters(i), 1e18);
        manager.grantRole(0, address(actions), 0);
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_1_thePoolHasWhatItBooks() public view {
        assertLe(_booked(), coin.balanceOf(address(pool)), "booked");
    }

    function invariant_2_lockedCapitalIsTheSumOfTheLargestPayouts() public view {
        uint256 largest = 0;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            (uint256 steps, ) = actions.policiesOf(n);
            if (risk.state == IParametricCover.RiskState.Open) largest += steps * 10_000;
        }
        assertEq(pool.lockedCapital(), largest, "locked");
    }

    function invariant_3_lockedCapitalIsThere() public view {
        assertLe(pool.lockedCapital(), pool.totalAssets(), "locked");
    }

    function invariant_4_unearnedPremiumsAreThoseOfOpenPolicies() public view {
        uint256 premiums = 0;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            (, uint256 ofRisk) = actions.policiesOf(n);
            if (cover.riskOf(n).state == IParametricCover.RiskState.Open) premiums += ofRisk;
        }
        assertEq(pool.unearnedPremiums(), premiums, "unearned");
    }

    function invariant_5_theReserveIsWhatSettledPoliciesAreOwed() public view {
        uint256 owed = 0;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            (uint256 steps, uint256 premiums) = actions.policiesOf(n);
            if (risk.state == IParametricCover.RiskState.Observed) owed += steps * risk.payoutBps;
            if (risk.state == IParametricCover.RiskState.Silent) owed += premiums;
        }
        assertEq(pool.payoutReserve(), owed, "reserve");
    }

    function invariant_6_aRiskIsSettledOnce() public view {
        assertTrue(!actions.settledAnew(), "settled anew");
    }

    function invariant_7_aPolicyIsPaidOnceAndExactly() public view {
        assertTrue(!actions.paidWrongly(), "paid wrongly");
    }

    function invariant_8_nobodyLeavesAheadOfAKnownLoss() public view {
        assertTrue(!actions.someoneLeftAhead(), "left ahead");
    }

    function invariant_9_nobodyEntersAheadOfAKnownGain() public view {
        assertTrue(!actions.someoneEnteredAhead(), "entered ahead");
    }

    function invariant_10_whatHasBegunIsTheSumOfItsRisks() public {
        actions.arrive();
        (uint256 locked, uint256 premiums) = (0, 0);
        uint256 today = (startedAt + actions.elapsed()) / 1 days;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            if (risk.state != IParametricCover.RiskState.Open || risk.windowStart / 1 days > today) continue;
            locked += uint256(risk.insuredSteps) * 10_000;
            premiums += risk.premiums;
        }
        (uint256 begunLocked, uint256 begunPremiums) = pool.begunExposure();
        assertEq(begunLocked, locked, "locked");
        assertEq(begunPremiums, premiums, "premiums");
    }

    function invariant_11_requestsAreCoveredByShares() public view {
        uint256 queued = 0;
        for (uint256 i = 0; i < 3; ++i) {
            address owner = actions.underwriters(i);
            (uint256 shares, , ) = pool.redeemRequestOf(owner);
            assertLe(shares, pool.balanceOf(owner), "requested");
            queued += shares;
        }
        assertEq(pool.queuedShares(), queued, "queued");
    }

    function invariant_12_thePoolStaysWithItsCoverAndPaysNobodyElse() public view {
        assertTrue(pool.cover() == address(cover), "cover");
        assertEq(coin.balanceOf(address(actions)), 0, "stolen");
        assertEq(coin.balanceOf(address(cover)), 0, "cover's balance");
    }

    function invariant_13_withoutSharesNothingIsBooked() public view {
        if (pool.totalSupply() == 0) assertEq(pool.totalAssets() + pool.lockedCapital(), 0, "booked");
    }

    /// @dev After any history, exits alone take everything out: invariant 14.
    function testFuzz_14_everythingCanBeTakenOut(uint256[40] memory moves) public {
        for (uint256 i = 0; i < moves.length; ++i) _move(moves[i] % 9, moves[i] >> 8);
        _drain();

        assertEq(pool.totalSupply(), 0, "shares");
        assertEq(_booked(), 0, "booked");
        assertEq(coin.balanceOf(address(pool)), 0, "balance");
    }

    function _move(uint256 verb, uint256 seed) private {
        uint8 who = uint8(seed);
        if (verb == 0) actions.deposit(who, uint40(seed >> 8));
        if (verb == 1) actions.requestRedeem(who, seed >> 8);
        if (verb == 2) actions.redeem(who, seed >> 9, seed & 256 == 0);
        if (verb == 3) actions.buy(who, uint8(seed >> 8), uint16(seed >> 16), uint24(seed >> 32), uint8(seed >> 56));
        if (verb == 4) actions.cancelPolicy(seed, uint24(seed >> 32));
        if (verb == 5) actions.observe(seed, int16(uint16(seed >> 16)));
        if (verb == 6) actions.settle(seed);
        if (verb == 7) actions.pay(seed, uint8(seed >> 32), seed & 1 == 0);
        if (verb == 8) actions.wait(uint24(seed));
    }

    function _drain() private {
        vm.warp(startedAt + actions.elapsed() + 20 days);
        uint256[] memory ids = new uint256[](cover.policyCount());
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = i + 1;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            if (risk.state == IParametricCover.RiskState.Open) cover.settleRisk(n);
            risk = cover.riskOf(n);
            if (risk.state == IParametricCover.RiskState.Silent || risk.payoutBps != 0) cover.payPolicies(n, ids);
        }
        for (uint256 i = 0; i < 3; ++i) {
            address owner = actions.underwriters(i);
            (uint256 requested, , ) = pool.redeemRequestOf(owner);
            if (requested != 0) pool.cancelRequest(owner);
            uint256 shares = pool.balanceOf(owner);
            vm.prank(owner);
            if (shares != 0) pool.requestRedeem(shares);
        }
        vm.warp(startedAt + actions.elapsed() + 27 days);
        for (uint256 i = 0; i < 3; ++i) {
            address owner = actions.underwriters(i);
            uint256 shares = pool.balanceOf(owner);
            vm.prank(owner);
            if (shares != 0) pool.redeem(shares, owner, owner);
        }
    }

    function _booked() private view returns (uint256) {
        return pool.totalAssets() + pool.unearnedPremiums() + pool.payoutReserve() + pool.totalCredits();
    }
}
