// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CoverPool} from "../../../contracts/insurance/CoverPool.sol";
import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {ParametricCover} from "../../../contracts/insurance/ParametricCover.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {InsuranceHistory} from "./InsuranceHistory.sol";
import {SettableOracle} from "./SettableOracle.sol";
import {Underwriting} from "./Underwriting.sol";

// Long, because the runner knows the actions of its own file only.

/// @notice Everybody at once, each for itself: underwriters who leave and enter when it suits them and insure themselves, a
/// buyer, two holders, one of whom is frozen now and then, keepers who pay what was paid, whoever opens risks at any time, also on
/// what nobody observes, an oracle that is late or silent, and hostile roles.
contract InsuranceActions is InsuranceHistory {
    bytes32 private constant FEED = "flight-delay-minutes";
    bytes32 private constant UNOBSERVED = bytes32(uint256(3));
    uint256 private constant STEP = 10_000;
    uint256 private constant PRODUCTS = 3;

    SettableOracle private immutable oracle;
    uint256 private immutable startedAt = block.timestamp;

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;
    /// @dev The next action happens in this very second.
    bool private onTheDot;

    /// @notice What the pool's capital must be: what came in, what was earned, what went out.
    uint256 public capital;

    // What went wrong, if it did.
    bool public someoneLeftAhead;
    bool public someoneEnteredAhead;
    bool public settledAnew;
    bool public paidWrongly;
    bool public priceMoved;
    bool public soldUnopened;

    /// @dev Time passes with each action, so that a history sees risks from their sale to their payment.
    modifier onTime() {
        if (!onTheDot) elapsed += 4 hours;
        onTheDot = false;
        vm.warp(startedAt + elapsed);
        _;
    }

    /// @dev Whatever is sold, cancelled or opened moves the two prices by the charge that is earned, and by nothing else.
    modifier priced() {
        (uint256 worst, uint256 shares) = _worstCase();
        (uint256 best, ) = _bestCase();
        uint256 before = capital;
        _;
        uint256 charge = capital - before;
        (uint256 worstAfter, uint256 sharesAfter) = _worstCase();
        (uint256 bestAfter, ) = _bestCase();
        if (worstAfter != worst + charge || bestAfter != best + charge || sharesAfter != shares) priceMoved = true;
    }

    constructor(
        CoverPool pool_,
        ParametricCover cover_,
        Stablecoin coin_,
        SettableOracle oracle_
    ) InsuranceHistory(pool_, cover_, coin_) {
        oracle = oracle_;
        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(_account(i));
            cover.authorizeOperator(address(this), type(uint96).max, 1);
        }
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
            capital += amount;
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
        uint256 before = coin.balanceOf(owner);
        vm.prank(owner);
        if (byAssets) pool.withdraw(amount, owner, owner);
        else pool.redeem(amount, owner, owner, 0);
        capital = pool.totalSupply() == 0 ? 0 : capital - (coin.balanceOf(owner) - before);
        (uint256 assetsAfter, uint256 sharesAfter) = _worstCase();
        bool isAlone = pool.totalSupply() == pool.balanceOf(owner);
        if (!isAlone && assetsAfter * shares < assets * sharesAfter) someoneLeftAhead = true;
    }

    function transferShares(uint8 from, uint8 to, uint256 shares) external onTime {
        address owner = underwriters[from % 3];
        vm.prank(owner);
        try pool.transfer(underwriters[to % 3], shares % (pool.balanceOf(owner) + 1)) {} catch {}
    }

    function donate(uint24 amount) external onTime {
        vm.prank(buyer);
        try coin.transfer(address(pool), amount) {} catch {}
        try pool.absorb() returns (uint256 absorbed) {
            capital += absorbed;
        } catch {}
    }

    function roll(uint8 maxDays) external onTime {
        pool.roll(maxDays);
    }

    // Risks, buyers and holders

    function openRisk(uint8 product, uint8 subject, uint32 lead) external onTime priced {
        _open(product, subject, lead);
    }

    function _open(uint8 product, uint8 subject, uint32 lead) private {
        uint256 productId = 1 + (product % PRODUCTS);
        (IParametricCover.ProductTerms memory terms, , ) = cover.productOf(productId);
        uint256 windowStart = block.timestamp + terms.waitingPeriodSeconds + (lead % 3 days);
        bytes32 name = bytes32(uint256(subject % 3) + 1);
        try cover.openRisk(productId, name, windowStart, windowStart + 4 hours) {} catch {}
    }

    /// @dev Mostly on a risk that is on sale; also on one whose sale is over, and on one that was never opened. By the buyer itself
    /// or by its operator, who is this contract.
    function buy(uint256 seed, uint16 steps, uint8 who, uint8 whom) external onTime priced {
        if (_riskOnSale(seed) == 0) _open(uint8(seed), uint8(seed >> 8), uint32(seed >> 16));
        uint256 riskNumber = seed % 8 == 0 ? _risk(seed, IParametricCover.RiskState.Open) : _riskOnSale(seed);
        if (riskNumber == 0) return;
        IParametricCover.CoverOrder memory order = _order(riskNumber, (uint256(steps) + 1) * STEP, _account(whom % 6));
        bool unopened = seed % 8 == 1;
        if (unopened) order.subject = "never opened";
        if (!_issue(_account(who % 4), order, seed % 16 > 7)) return;
        if (unopened) soldUnopened = true;
        (, , , uint256 charge) = cover.quote(order.productId, order.windowStart, order.windowEnd, order.insured);
        capital += charge;
    }

    function _issue(
        address payer,
        IParametricCover.CoverOrder memory order,
        bool byOperator
    ) private returns (bool isIssued) {
        if (byOperator) {
            try cover.issueFor(payer, cover.policyCount(), block.timestamp, order) {
                return true;
            } catch {
                return false;
            }
        }
        vm.prank(payer);
        try cover.issue(order) {
            return true;
        } catch {}
    }

    function cancelPolicy(uint256 policyId, uint24 steps) external onTime priced {
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
        cover.transferPolicy(policyId, _account(who % 6));
    }

    // Oracle and keepers

    /// @dev Mostly of a risk whose time has come; also before its window is over, and again after it was settled as silent.
    function observe(uint256 riskNumber, int16 minutes_) external onTime {
        riskNumber = _risk(riskNumber, IParametricCover.RiskState.Open);
        if (riskNumber == 0) return;
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        if (risk.state == IParametricCover.RiskState.Observed || risk.subject == UNOBSERVED) return;
        oracle.observe(FEED, risk.subject, risk.windowStart, risk.windowEnd, minutes_ % 300);
    }

    function settle(uint256 riskNumber) external onTime {
        riskNumber = _risk(riskNumber, IParametricCover.RiskState.Open);
        if (riskNumber == 0) return;
        IParametricCover.Risk memory before = cover.riskOf(riskNumber);
        try cover.settleRisk(riskNumber) returns (IParametricCover.RiskState state, uint256 owed) {
            if (before.state != IParametricCover.RiskState.Open) settledAnew = true;
            if (state == IParametricCover.RiskState.Observed) capital = capital + before.unearnedPremiums - owed;
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
        try pool.withdrawCredit(address(coin), _account(who % 6)) {} catch {}
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
        uint256 productId = 1 + (what % PRODUCTS);
        (, , bool paused) = cover.productOf(productId);
        if (pool.paused()) pool.unpause();
        else if (what % 4 == 0) pool.pause();
        if (paused) cover.unpauseProduct(productId);
        else if (what % 4 == 1) cover.pauseProduct(productId);
    }

    function steal(uint88 amount) external onTime {
        try pool.setCover(address(this)) {} catch {}
        try pool.underwrite(1, buyer, 0, amount, amount, 0) {} catch {}
        try pool.unwind(1, address(this), 0, amount, 0) {} catch {}
        try pool.settle(1, 0, 0, 0, amount, 0) {} catch {}
        bytes32[] memory payments = new bytes32[](1);
        payments[0] = bytes32((uint256(uint160(address(this))) << 96) | amount);
        try pool.pay(1, payments) {} catch {}
        uint256 windowStart = block.timestamp + 3 days;
        vm.prank(buyer);
        try cover.openRisk(1, "mine", windowStart, windowStart + 4 hours) {
            soldUnopened = true;
        } catch {}
    }

    function wait(uint24 time) external {
        elapsed += time % 2 days;
    }

    /// @dev The next action happens in the last second of the day, the first of the next or the one after.
    function waitForMidnight(uint8 second) external {
        _waitFor(((startedAt + elapsed) / 1 days + 1) * 1 days - 1 + (second % 3));
    }

    /// @dev The next action happens in the last second of a sale, or in the one before or after.
    function waitForClose(uint256 seed, uint8 second) external {
        vm.warp(startedAt + elapsed);
        uint256 riskNumber = _riskOnSale(seed);
        if (riskNumber != 0) _waitFor(closeOf(riskNumber) - 1 + (second % 3));
    }

    function _waitFor(uint256 time) private {
        if (time < startedAt + elapsed) return;
        elapsed = time - startedAt;
        onTheDot = true;
    }

    function _order(
        uint256 riskNumber,
        uint256 insured,
        address holder
    ) private view returns (IParametricCover.CoverOrder memory) {
        IParametricCover.Risk memory risk = cover.riskOf(riskNumber);
        return
            IParametricCover.CoverOrder({
                productId: risk.productId,
                subject: risk.subject,
                windowStart: risk.windowStart,
                windowEnd: risk.windowEnd,
                insured: insured,
                maxPremium: type(uint256).max,
                holder: holder,
                transferable: true
            });
    }
}

/// @notice Invariants 1 to 17 of docs/domains/insurance.md.
contract InsuranceInvariantsTest is Underwriting {
    InsuranceActions private actions;
    uint256 private immutable startedAt = 1_800_000_000;

    function setUp() public override {
        super.setUp();
        IParametricCover.ProductTerms memory waiting = terms();
        waiting.maxLeadSeconds = 9 days;
        waiting.waitingPeriodSeconds = 2 days + 7 hours;
        createProduct(waiting);
        waiting.waitingPeriodSeconds = 5 days;
        createProduct(waiting);
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
        uint256 unearned = 0;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            (, uint256 ofRisk) = actions.policiesOf(n);
            if (cover.riskOf(n).state == IParametricCover.RiskState.Open) unearned += ofRisk;
        }
        assertEq(pool.unearnedPremiums(), unearned, "unearned");
    }

    function invariant_5_theReserveIsWhatSettledPoliciesAreOwed() public view {
        uint256 owed = 0;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            (uint256 steps, uint256 unearned) = actions.policiesOf(n);
            if (risk.state == IParametricCover.RiskState.Observed) owed += steps * risk.payoutBps;
            if (risk.state == IParametricCover.RiskState.Silent) owed += unearned;
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

    /// @dev All risks whose sale closed before today, and no others.
    function invariant_10_whatHasBegunIsTheSumOfItsRisks() public {
        actions.arrive();
        (uint256 locked, uint256 unearned) = (0, 0);
        uint256 midnight = block.timestamp - (block.timestamp % 1 days);
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            if (risk.state != IParametricCover.RiskState.Open || actions.closeOf(n) >= midnight) continue;
            locked += uint256(risk.insuredSteps) * 10_000;
            unearned += risk.unearnedPremiums;
        }
        (uint256 begunLocked, uint256 begunUnearned) = pool.begunExposure();
        assertEq(begunLocked, locked, "locked");
        assertEq(begunUnearned, unearned, "unearned");
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

    function invariant_15_aSaleMovesNoPriceButByItsCharge() public view {
        assertTrue(!actions.priceMoved(), "price moved");
    }

    function invariant_16_theCapitalIsWhatCameInAndWasEarned() public view {
        assertEq(pool.totalAssets(), actions.capital(), "capital");
    }

    function invariant_17_onlyOpenedRisksAreSold() public view {
        assertTrue(!actions.soldUnopened(), "sold unopened");
    }

    /// @dev After any history, exits alone take everything out: invariant 14.
    function testFuzz_14_everythingCanBeTakenOut(uint256[40] memory moves) public {
        for (uint256 i = 0; i < moves.length; ++i) _move(moves[i] % 11, moves[i] >> 8);
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
        if (verb == 3) actions.buy(seed >> 8, uint16(seed >> 32), who, uint8(seed >> 56));
        if (verb == 4) actions.cancelPolicy(seed, uint24(seed >> 32));
        if (verb == 5) actions.observe(seed, int16(uint16(seed >> 16)));
        if (verb == 6) actions.settle(seed);
        if (verb == 7) actions.pay(seed, uint8(seed >> 32), seed & 1 == 0);
        if (verb == 8) actions.wait(uint24(seed));
        if (verb == 9) actions.openRisk(who, uint8(seed >> 8), uint32(seed >> 16));
        if (verb == 10) actions.waitForClose(seed, uint8(seed >> 8));
    }

    function _drain() private {
        vm.warp(startedAt + actions.elapsed() + 20 days);
        uint256[] memory ids = new uint256[](cover.policyCount());
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = i + 1;
        for (uint256 n = 1; n <= cover.riskCount(); ++n) {
            IParametricCover.Risk memory risk = cover.riskOf(n);
            if (risk.state == IParametricCover.RiskState.Open) cover.settleRisk(n);
            risk = cover.riskOf(n);
            bool owes = risk.state == IParametricCover.RiskState.Silent || risk.payoutBps != 0;
            if (owes && ids.length != 0) cover.payPolicies(n, ids);
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
            if (shares != 0) pool.redeem(shares, owner, owner, 0);
        }
    }

    function _booked() private view returns (uint256) {
        return pool.totalAssets() + pool.unearnedPremiums() + pool.payoutReserve() + pool.totalCredits();
    }
}
