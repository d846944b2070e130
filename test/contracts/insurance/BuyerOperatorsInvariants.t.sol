// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CoverPool} from "../../../contracts/insurance/CoverPool.sol";
import {IParametricCover} from "../../../contracts/insurance/interfaces/IParametricCover.sol";
import {ParametricCover} from "../../../contracts/insurance/ParametricCover.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Test} from "../support/Test.sol";
import {Underwriting} from "./Underwriting.sol";

/// @notice A buyer with an honest operator, and everybody else hostile: another operator of its, a former one, a stranger,
/// compliance.
contract BuyerOperatorsActions is Test {
    uint96 public constant LIMIT = 1e12;
    uint24 public constant WINDOW_SECONDS = 1 days;
    uint256 private constant STEP = 10_000;
    /// @dev Some words of the bitmap, and few enough that one is met again.
    uint256 private constant SEQUENCES = 600;

    CoverPool private immutable pool;
    ParametricCover private immutable cover;
    Stablecoin private immutable coin;
    address public immutable buyer = address(0x1001);
    address public immutable hostileOperator = address(0x1002);
    address public immutable honestOperator = address(0x1003);
    address public immutable formerOperator = address(0x1004);
    address public immutable stranger = address(0x1005);
    uint256 private immutable startedAt = block.timestamp;

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;
    /// @notice Premiums by operator, of the buyer's money.
    mapping(address operator => uint256 premiums) public spent;
    uint256 public highestUse;
    bool public filledLate;
    bool public usedWrongly;
    mapping(uint256 sequence => uint256 fills) private fills;

    modifier onTime() {
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(CoverPool pool_, ParametricCover cover_, Stablecoin coin_) {
        (pool, cover, coin) = (pool_, cover_, coin_);
        vm.prank(buyer);
        coin.approve(address(pool), type(uint256).max);
        vm.prank(buyer);
        cover.authorizeOperator(hostileOperator, LIMIT, WINDOW_SECONDS);
        vm.prank(buyer);
        cover.authorizeOperator(honestOperator, type(uint96).max, 1);
        vm.prank(buyer);
        cover.authorizeOperator(formerOperator, type(uint96).max, 1);
        vm.prank(buyer);
        cover.authorizeOperator(formerOperator, 0, 1);
    }

    function buy(uint16 sequence, uint24 steps, bool late) external onTime {
        _buy(honestOperator, sequence, steps, late);
    }

    function buyOneself(uint16 sequence, uint24 steps) external onTime {
        _buy(buyer, sequence, steps, false);
    }

    function steal(uint16 sequence, uint32 steps, bool late) external onTime {
        _buy(hostileOperator, sequence, steps, late);
    }

    /// @dev All that is available, but for what a step costs.
    function stealAll(uint16 sequence) external onTime {
        (uint256 available, , ) = cover.operatorAllowance(buyer, hostileOperator);
        uint256 windowStart = _windowStart();
        (uint256 premium, , , ) = cover.quote(1, windowStart, windowStart + 4 hours, STEP * 1e9);
        _buy(hostileOperator, sequence, (available * 1e9) / premium, false);
    }

    function stealAsFormerOperator(uint16 sequence, uint32 steps) external onTime {
        _buy(formerOperator, sequence, steps, false);
    }

    function stealAsStranger(uint16 sequence, uint32 steps) external onTime {
        _buy(stranger, sequence, steps, false);
    }

    /// @dev Whoever has the policy gives it back; the premium is the buyer's again, and no limit grows by it.
    function cancel(uint256 seed, uint32 steps) external onTime {
        if (cover.policyCount() == 0) return;
        uint256 policyId = 1 + (seed % cover.policyCount());
        try cover.policyOf(policyId) returns (IParametricCover.Policy memory policy, IParametricCover.Purchase memory) {
            vm.prank(policy.holder);
            try cover.cancel(policyId, bound(steps, 1, policy.insuredSteps) * STEP) {} catch {}
        } catch {}
    }

    function toggleFreeze() external {
        if (coin.isFrozen(buyer)) coin.unfreeze(buyer);
        else coin.freeze(buyer);
    }

    function togglePause() external {
        if (pool.paused()) pool.unpause();
        else pool.pause();
    }

    function wait(uint16 time) external {
        elapsed += time;
    }

    function _buy(address by, uint256 sequence, uint256 steps, bool late) private {
        sequence %= SEQUENCES;
        uint256 windowStart = _windowStart();
        if (cover.riskNumberOf(1, "a", windowStart, windowStart + 4 hours) == 0) {
            cover.openRisk(1, "a", windowStart, windowStart + 4 hours);
        }
        uint256 before = coin.balanceOf(buyer);
        bool wasUsed = cover.isSequenceUsed(buyer, sequence);
        vm.prank(by);
        try
            cover.issueFor(
                buyer,
                sequence,
                late ? block.timestamp - 1 : block.timestamp,
                IParametricCover.CoverOrder({
                    productId: 1,
                    subject: "a",
                    windowStart: windowStart,
                    windowEnd: windowStart + 4 hours,
                    insured: (steps + 1) * STEP,
                    maxPremium: type(uint256).max,
                    holder: by,
                    transferable: true
                })
            )
        {
            if (late) filledLate = true;
            if (++fills[sequence] > highestUse) highestUse = fills[sequence];
            if (wasUsed || !cover.isSequenceUsed(buyer, sequence)) usedWrongly = true;
        } catch {
            if (cover.isSequenceUsed(buyer, sequence) != wasUsed) usedWrongly = true;
        }
        spent[by] += before - coin.balanceOf(buyer);
    }

    function _windowStart() private view returns (uint256) {
        return (block.timestamp / 1 days + 3) * 1 days;
    }
}

/// @notice Invariants 18 to 20 of docs/domains/insurance.md.
contract BuyerOperatorsInvariantsTest is Underwriting {
    BuyerOperatorsActions private actions;

    function setUp() public override {
        super.setUp();
        coin.mint(address(this), 2e24);
        coin.approve(address(pool), type(uint256).max);
        pool.deposit(1e24, address(this));
        actions = new BuyerOperatorsActions(pool, cover, coin);
        coin.mint(actions.buyer(), 1e24);
        manager.grantRole(0, address(actions), 0);
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_18_eachNumberOfABuyerIsFilledOnceAndInTime() public view {
        assertLe(actions.highestUse(), 1, "fills of a number");
        assertTrue(!actions.filledLate(), "filled late");
        assertTrue(!actions.usedWrongly(), "used by what was not filled, or not by what was");
    }

    function invariant_19_aHostileOperatorSpendsAtMostItsLimit() public view {
        uint256 limit = actions.LIMIT();
        uint256 bearable = limit + (limit * actions.elapsed()) / actions.WINDOW_SECONDS();
        assertLe(actions.spent(actions.hostileOperator()), bearable, "spent");
    }

    function invariant_20_nobodyElseSpendsTheBuyersMoney() public view {
        assertEq(actions.spent(actions.stranger()), 0, "stranger");
        assertEq(actions.spent(actions.formerOperator()), 0, "former operator");
    }

    /// @dev Of all numbers there are, an order uses its own.
    function testFuzz_issueFor_usesOneNumber(uint256 sequence, uint256 other, uint16 distance) public {
        if (other == sequence) other = ~sequence;
        uint256 start = block.timestamp + 2 days;
        openRisk("b", start);
        cover.issueFor(address(this), sequence, block.timestamp, orderOf("b", start, STEP, address(0xC1)));

        assertTrue(cover.isSequenceUsed(address(this), sequence), "its own");
        assertTrue(!cover.isSequenceUsed(address(this), other), "another");
        uint256 near = sequence ^ (uint256(distance % 1024) + 1);
        assertTrue(!cover.isSequenceUsed(address(this), near), "one near it");
        assertTrue(!cover.isSequenceUsed(address(actions), sequence), "another buyer's");
        cover.issueFor(address(this), near, block.timestamp, orderOf("b", start, STEP, address(0xC1)));
        vm.expectRevert(abi.encodeWithSelector(IParametricCover.SequenceAlreadyUsed.selector, address(this), sequence));
        cover.issueFor(address(this), sequence, block.timestamp, orderOf("b", start, STEP, address(0xC1)));
    }
}
