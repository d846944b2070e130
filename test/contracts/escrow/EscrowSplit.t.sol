// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @notice An escrow that was opened before the chain split, on the half whose chain id changed.
contract EscrowSplitTest is EscrowTest {
    uint96 private constant AMOUNT = 1_000;

    IEscrow.Terms private what;
    bytes32 private escrowId;
    bytes private signedBefore;

    function setUp() public override {
        super.setUp();
        what = terms(AMOUNT);
        what.defaultPayeeBps = 2_500;
        authorize(what, AMOUNT);
        escrowId = escrow.escrowIdOf(what);
        signedBefore = sign(PAYER_KEY, releaseHash(escrowId, _half()));
    }

    function test_split_keepsTheId() public {
        assertTrue(escrowId == digestOf(hashOf(what)), "the terms' EIP-712 digest where it was deployed");
        _splitOff();
        assertTrue(escrow.escrowIdOf(what) == escrowId, "the id");
        assertTrue(escrowId != digestOf(hashOf(what)), "the digest of the chain as it is now");
        assertEq(escrow.stateOf(escrow.escrowIdOf(what)).capturable, AMOUNT, "capturable");
    }

    function test_split_locksNoCaptureAndNoRefund() public {
        _splitOff();
        vm.prank(operator);
        escrow.capture(what, AMOUNT, 0);
        assertEq(coin.balanceOf(payee), AMOUNT, "captured");
        vm.prank(payee);
        escrow.refund(what, AMOUNT);
        _assertPayerHasAll();
    }

    function test_split_locksNoVoid() public {
        _splitOff();
        vm.prank(payee);
        escrow.void(what);
        _assertPayerHasAll();
    }

    function test_split_locksNoReclaim() public {
        _splitOff();
        vm.warp(what.captureExpiry + 1);
        escrow.reclaim(what);
        _assertPayerHasAll();
    }

    function test_split_locksNoDispute() public {
        vm.prank(payee);
        escrow.openDispute(what, 0);
        _splitOff();
        vm.prank(arbiter);
        escrow.rule(what, 0, 0);
        _assertPayerHasAll();
    }

    function test_split_locksNoDefaultOutcome() public {
        _splitOff();
        vm.prank(payee);
        escrow.openDispute(what, 0);
        vm.warp(block.timestamp + what.rulingPeriodSeconds + 1);
        escrow.resolveByDefault(what);
        assertEq(coin.balanceOf(payee), AMOUNT / 4, "payee");
        assertEq(coin.balanceOf(address(escrow)), 0, "escrow");
    }

    /// @dev What was signed for the chain as it was must not count on both halves.
    function test_split_replaysNoReleaseOfTheOtherHalf() public {
        _splitOff();
        bytes memory byPayer = sign(PAYER_KEY, releaseHash(escrowId, _half()));
        bytes memory byPayee = sign(PAYEE_KEY, releaseHash(escrowId, _half()));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InvalidSignature.selector, payer));
        escrow.release(what, _half(), signedBefore, byPayee);

        escrow.release(what, _half(), byPayer, byPayee);
        assertEq(coin.balanceOf(payee), AMOUNT / 2, "payee");
        assertEq(coin.balanceOf(address(escrow)), 0, "escrow");
    }

    function test_split_replaysNoAuthorizationOfTheOtherHalf() public {
        what.salt = 2;
        bytes32 authorization = keccak256(abi.encode(escrow.AUTHORIZATION_TYPEHASH(), hashOf(what), uint256(AMOUNT)));
        bytes memory before = sign(PAYER_KEY, authorization);
        _splitOff();
        vm.expectRevert(abi.encodeWithSelector(IEscrow.InvalidSignature.selector, payer));
        escrow.authorizeWithSignature(what, AMOUNT, before);

        escrow.authorizeWithSignature(what, AMOUNT, sign(PAYER_KEY, authorization));
        assertEq(coin.balanceOf(address(escrow)), 2 * uint256(AMOUNT), "escrow");
    }

    function _splitOff() private {
        vm.chainId(block.chainid + 1);
    }

    function _half() private view returns (IEscrow.Split memory) {
        return
            IEscrow.Split({payeeAmount: AMOUNT / 2, payerAmount: AMOUNT / 2, feeBps: 0, deadline: what.captureExpiry});
    }

    function _assertPayerHasAll() private view {
        assertEq(coin.balanceOf(payer), type(uint96).max, "payer");
        assertEq(coin.balanceOf(address(escrow)), 0, "escrow");
    }
}
