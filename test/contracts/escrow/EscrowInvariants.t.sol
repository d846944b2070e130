// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Escrow} from "../../../contracts/escrow/Escrow.sol";
import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {Corridor} from "../support/Corridor.sol";
import {PlainToken} from "../support/HostileTokens.sol";
import {EscrowActions} from "./EscrowActions.t.sol";

/// @notice The invariants of docs/domains/escrow.md.
contract EscrowInvariantsTest is Corridor {
    uint256 private constant FUNDS = 1e18;

    Escrow private escrow;
    PlainToken private plain;
    EscrowActions private actions;

    function setUp() public override {
        super.setUp();
        escrow = new Escrow(address(manager), address(router));
        plain = new PlainToken();
        actions = new EscrowActions(escrow, router, coin, IERC20(address(plain)));
        address[3] memory holders = [actions.payer(), actions.payee(), actions.operator()];
        for (uint256 i = 0; i < 3; ++i) {
            coin.mint(holders[i], FUNDS);
            plain.mint(holders[i], FUNDS);
        }
        manager.grantRole(0, address(actions), 0);
    }

    function targetContracts() public view override returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(actions);
    }

    function invariant_1_theBalanceIsWhatIsCapturableAndOwed() public view {
        _checkBalance(address(coin));
        _checkBalance(address(plain));
    }

    function invariant_2_whatEndedNeverMovesAgain() public view {
        assertTrue(!actions.movedAfterTheEnd(), "moved after the end");
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            if (actions.flowOf(i).ended) assertEq(_stateOf(i).capturable, 0, "capturable after the end");
        }
    }

    function invariant_3_payerPayeeAndFeeAreWhatWasDeposited() public view {
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            EscrowActions.Flow memory flow = actions.flowOf(i);
            uint256 out = flow.toPayer + flow.toPayee + flow.toFeeRecipient;
            assertEq(out + _stateOf(i).capturable, flow.deposited, "deposited");
        }
    }

    function invariant_4_onlyTheEntitledMoveMoney() public view {
        assertTrue(!actions.movedByStranger(), "moved by a stranger");
    }

    function invariant_5_nobodyElseIsPaid() public view {
        address[2] memory others = [actions.arbiter(), actions.stranger()];
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(_holdings(others[i], address(coin)) + _holdings(others[i], address(plain)), 0, "others");
        }
        assertLe(_holdings(actions.operator(), address(coin)), FUNDS, "operator");
        assertLe(_holdings(actions.operator(), address(plain)), FUNDS, "operator's other token");
    }

    function invariant_6_theFeeIsWithinItsBounds() public view {
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            EscrowActions.Flow memory flow = actions.flowOf(i);
            IEscrow.Terms memory terms = actions.termsOf(i);
            uint256 captured = flow.toPayee + flow.toFeeRecipient;
            assertLe(flow.toFeeRecipient, (captured * terms.maxFeeBps) / 10_000, "highest fee");
            uint256 lowest = (captured * terms.minFeeBps) / 10_000;
            assertLe(lowest, flow.toFeeRecipient + flow.captures, "lowest fee, but for a unit of each capture");
        }
    }

    function invariant_7_refundableIsWhatWasCapturedAndNotRefunded() public view {
        assertTrue(!actions.grewRefundable(), "refundable grew by a refund");
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            EscrowActions.Flow memory flow = actions.flowOf(i);
            uint256 captured = flow.toPayee + flow.toFeeRecipient;
            assertEq(_stateOf(i).refundable + flow.refunded, captured, "refundable");
        }
    }

    function invariant_8_anEscrowIsAuthorizedAtMostOnce() public view {
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            EscrowActions.Flow memory flow = actions.flowOf(i);
            assertLe(flow.funded, 1, "authorizations");
            assertLe(flow.deposited, actions.termsOf(i).amount, "authorized");
        }
    }

    function invariant_9_capturableAndStatusAgree() public view {
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            IEscrow.State memory state = _stateOf(i);
            bool active = state.status == IEscrow.Status.Open || state.status == IEscrow.Status.Disputed;
            assertTrue(active == (state.capturable != 0), "status");
        }
    }

    function invariant_10_exitsAloneEmptyIt() public {
        actions.drain();
        assertEq(coin.balanceOf(address(escrow)), 0, "coin");
        assertEq(plain.balanceOf(address(escrow)), 0, "plain token");
    }

    function _checkBalance(address token) private view {
        uint256 expected = 0;
        for (uint256 i = 0; i < actions.ESCROWS(); ++i) {
            if (actions.termsOf(i).token == token) expected += _stateOf(i).capturable;
        }
        address[6] memory accounts = actions.actors();
        for (uint256 i = 0; i < 6; ++i) expected += escrow.creditOf(accounts[i], token);
        assertEq(IERC20(token).balanceOf(address(escrow)), expected, "balance");
    }

    function _stateOf(uint256 index) private view returns (IEscrow.State memory) {
        return escrow.stateOf(escrow.escrowIdOf(actions.termsOf(index)));
    }

    function _holdings(address account, address token) private view returns (uint256) {
        return IERC20(token).balanceOf(account) + escrow.creditOf(account, token);
    }
}
