// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PaymentRouter} from "../../../contracts/payments/PaymentRouter.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Corridor} from "../support/Corridor.sol";
import {Test} from "../support/Test.sol";

/// @notice A payer that settles and cancels, and everybody else hostile: the operator, a stranger, compliance.
contract PaymentRouterActions is Test {
    uint96 public constant LIMIT = 1e12;
    uint24 public constant WINDOW_SECONDS = 1 days;
    uint256 private constant SEQUENCES = 600;

    Stablecoin private immutable coin;
    PaymentRouter private immutable router;
    address public immutable payer = address(0x1001);
    address public immutable hostileOperator = address(0x1002);
    address private immutable stranger = address(0x1003);
    uint256 private immutable startedAt = block.timestamp;

    uint256 public lost;
    uint256 public highestUse;
    bool public settledAfterCancelling;
    bool public settledByStranger;
    mapping(uint256 sequence => uint256 uses) private uses;
    mapping(uint256 sequence => bool) private cancelled;

    /// @dev In seconds. The runner's own clock is not the same when it checks the invariants.
    uint256 public elapsed;

    modifier onTime() {
        vm.warp(startedAt + elapsed);
        _;
    }

    constructor(Stablecoin coin_, PaymentRouter router_) {
        (coin, router) = (coin_, router_);
        vm.prank(payer);
        coin.approve(address(router), type(uint256).max);
        vm.prank(payer);
        router.authorizeOperator(hostileOperator, address(coin), LIMIT, WINDOW_SECONDS);
        vm.prank(payer);
        router.authorizeOperator(payer, address(coin), type(uint96).max, 1);
    }

    /// @dev The payer's own batch, to a recipient that may be frozen.
    function settle(uint16 first, uint8 count, uint88 amount) external onTime {
        _settle(payer, first, count, amount / 256, address(0x2000));
    }

    /// @dev The operator sinks money where nobody gets it out, or tries to.
    function sink(uint16 first, uint88 amount) external onTime {
        _settle(hostileOperator, first, 0, amount % (LIMIT / 4), address(router));
    }

    /// @dev The operator pays itself, whatever it can.
    function steal(uint16 first, uint8 count, uint88 amount) external onTime {
        uint256 before = coin.balanceOf(hostileOperator);
        _settle(hostileOperator, first, count, amount % (LIMIT / 4), hostileOperator);
        lost += coin.balanceOf(hostileOperator) - before;
    }

    /// @dev Everything that is available, to the last unit.
    function stealAll(uint16 first) external onTime {
        (uint256 available, , ) = router.operatorAllowance(payer, hostileOperator, address(coin));
        uint256 before = coin.balanceOf(hostileOperator);
        _settle(hostileOperator, first, 0, available, hostileOperator);
        lost += coin.balanceOf(hostileOperator) - before;
    }

    function stealAsStranger(uint16 first, uint88 amount) external onTime {
        uint256 before = coin.balanceOf(stranger);
        _settle(stranger, first, 0, amount, stranger);
        _settle(stranger, first, 0, 0, stranger); // moves nothing, and must still not touch the payer's sequences
        lost += coin.balanceOf(stranger) - before;
        vm.prank(stranger);
        try coin.transferFrom(payer, stranger, amount) {
            lost += amount;
        } catch {}
    }

    function cancel(uint16 first, uint8 count) external {
        uint256 from = first % SEQUENCES;
        vm.prank(payer);
        router.cancelSequences(from, uint256(count) + 1);
        for (uint256 i = from; i <= from + count; ++i) cancelled[i] = true;
    }

    function toggleFreeze() external {
        address recipient = address(0x2000);
        if (coin.isFrozen(recipient)) coin.unfreeze(recipient);
        else coin.freeze(recipient);
    }

    function togglePause() external {
        if (router.paused()) router.unpause();
        else router.pause();
    }

    function wait(uint16 time) external {
        elapsed += time;
    }

    function _settle(address by, uint256 first, uint256 count, uint256 amount, address to) private {
        first %= SEQUENCES;
        count = 1 + (count % 40);
        bytes32[] memory payments = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            payments[i] = bytes32((uint256(uint160(to)) << 96) | (amount / count + 1));
        }
        vm.prank(by);
        try router.settleBatch(payer, address(coin), first, payments) {
            if (by == stranger) settledByStranger = true;
            for (uint256 i = first; i < first + count; ++i) {
                if (++uses[i] > highestUse) highestUse = uses[i];
                if (cancelled[i]) settledAfterCancelling = true;
            }
        } catch {}
    }
}

/// @notice Invariants 5 to 9 of docs/domains/payments.md.
contract PaymentRouterInvariantsTest is Corridor {
    PaymentRouterActions private actions;

    function setUp() public override {
        super.setUp();
        actions = new PaymentRouterActions(coin, router);
        coin.mint(actions.payer(), type(uint96).max);
        manager.grantRole(0, address(actions), 0);
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_5_eachSequenceSettlesAtMostOnce() public view {
        assertLe(actions.highestUse(), 1, "uses of a sequence");
    }

    function invariant_6_aCancelledSequenceNeverSettles() public view {
        assertTrue(!actions.settledAfterCancelling(), "settled after cancelling");
    }

    function invariant_7_toAHostileOperatorThePayerLosesAtMostTheWindow() public view {
        uint256 time = actions.elapsed();
        uint256 limit = actions.LIMIT();
        assertLe(actions.lost(), limit + (limit * time) / actions.WINDOW_SECONDS(), "lost");
    }

    function invariant_8_theRouterHoldsNoMoney() public view {
        assertEq(coin.balanceOf(address(router)), 0, "router's balance");
    }

    function invariant_9_aStrangerUsesNoSequence() public view {
        assertTrue(!actions.settledByStranger(), "settled by a stranger");
    }
}
