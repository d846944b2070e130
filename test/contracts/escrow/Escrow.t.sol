// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/escrow/interfaces/IEscrow.sol";
import {IEscrowTerms} from "../../../contracts/escrow/interfaces/IEscrowTerms.sol";
import {EscrowTest} from "./EscrowTest.sol";

/// @notice Fuzz tests of the escrow: what holds for all amounts, fees, splits, terms and signatures.
contract EscrowFuzzTest is EscrowTest {
    /// @dev The fee is rounded down, against the fee recipient; not a unit is lost.
    function testFuzz_capture_splitsExactly(uint96 amount, uint96 part, uint16 feeBps) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        part = uint96(bound(part, 1, amount));
        feeBps = uint16(bound(feeBps, 0, 10_000));
        IEscrow.Terms memory what = terms(amount);
        authorize(what, amount);

        vm.prank(operator);
        uint256 fee = escrow.capture(what, part, feeBps);

        assertEq(fee, (uint256(part) * feeBps) / 10_000, "fee");
        assertEq(coin.balanceOf(feeRecipient), fee, "fee recipient");
        assertEq(coin.balanceOf(payee), part - fee, "payee");
        assertEq(coin.balanceOf(address(escrow)), amount - part, "escrow");
        IEscrow.State memory state = escrow.stateOf(escrow.escrowIdOf(what));
        assertEq(state.capturable, amount - part, "capturable");
        assertEq(state.refundable, part, "refundable");
    }

    /// @dev In parts the fee recipient gets at most as much as at once, and at most a unit less for each part.
    function testFuzz_capture_inPartsCostsTheFeeRecipientAtMostAUnitEach(uint96[4] memory parts, uint16 feeBps) public {
        feeBps = uint16(bound(feeBps, 0, 10_000));
        uint256 total = 0;
        for (uint256 i = 0; i < 4; ++i) total += parts[i] = uint96(bound(parts[i], 1, type(uint96).max / 4));
        IEscrow.Terms memory what = terms(uint96(total));
        authorize(what, total);

        for (uint256 i = 0; i < 4; ++i) {
            vm.prank(operator);
            escrow.capture(what, parts[i], feeBps);
        }

        uint256 atOnce = (total * feeBps) / 10_000;
        assertLe(coin.balanceOf(feeRecipient), atOnce, "in parts");
        assertLe(atOnce, coin.balanceOf(feeRecipient) + 3, "lost to rounding");
        assertEq(coin.balanceOf(feeRecipient) + coin.balanceOf(payee), total, "nothing is lost");
    }

    /// @dev The payee's part is rounded down, against the payee.
    function testFuzz_rule_splitsExactly(uint96 amount, uint16 payeeBps, uint16 feeBps) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        payeeBps = uint16(bound(payeeBps, 0, 10_000));
        IEscrow.Terms memory what = terms(amount);
        what.minFeeBps = uint16(bound(feeBps, 0, 10_000));
        authorize(what, amount);
        vm.prank(payee);
        escrow.openDispute(what, 0);

        vm.prank(arbiter);
        (uint256 payeeAmount, uint256 payerAmount, uint256 fee) = escrow.rule(what, payeeBps, 0);

        assertEq(payeeAmount, (uint256(amount) * payeeBps) / 10_000, "payee's part");
        assertEq(payeeAmount + payerAmount, amount, "parts");
        assertEq(fee, (payeeAmount * what.minFeeBps) / 10_000, "fee");
        assertEq(coin.balanceOf(payee), payeeAmount - fee, "payee");
        assertEq(coin.balanceOf(feeRecipient), fee, "fee recipient");
        assertEq(coin.balanceOf(payer), type(uint96).max - payeeAmount, "payer");
        assertEq(coin.balanceOf(address(escrow)), 0, "escrow");
    }

    function testFuzz_resolveByDefault_splitsExactly(uint96 amount, uint16 payeeBps, uint40 late) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        IEscrow.Terms memory what = terms(amount);
        what.defaultPayeeBps = uint16(bound(payeeBps, 0, 10_000));
        authorize(what, amount);
        vm.prank(payer);
        escrow.openDispute(what, 0);

        vm.warp(block.timestamp + 1 days + bound(late, 1, 100 * 365 days));
        (uint256 payeeAmount, uint256 payerAmount, ) = escrow.resolveByDefault(what);

        assertEq(payeeAmount, (uint256(amount) * what.defaultPayeeBps) / 10_000, "payee's part");
        assertEq(payeeAmount + payerAmount, amount, "parts");
        assertEq(coin.balanceOf(payer), type(uint96).max - payeeAmount, "payer");
    }

    function testFuzz_escrowIdOf_isTheDigestOfTheTerms(IEscrowTerms.Terms memory what) public view {
        assertTrue(escrow.escrowIdOf(what) == digestOf(hashOf(what)), "id");
    }

    function testFuzz_authorizeWithSignature_countsForTheSignedAmountOnly(uint96 amount, uint256 other) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        IEscrow.Terms memory what = terms(type(uint96).max);
        bytes32 structHash = keccak256(abi.encode(escrow.AUTHORIZATION_TYPEHASH(), hashOf(what), uint256(amount)));
        bytes memory signature = sign(PAYER_KEY, structHash);

        if (other != amount) {
            vm.expectRevert(abi.encodeWithSelector(IEscrow.InvalidSignature.selector, payer));
            escrow.authorizeWithSignature(what, other, signature);
        }
        escrow.authorizeWithSignature(what, amount, signature);
        assertEq(coin.balanceOf(address(escrow)), amount, "escrow");
    }

    function testFuzz_release_splitsAsSigned(uint96 amount, uint96 payeeAmount, uint16 feeBps) public {
        amount = uint96(bound(amount, 1, type(uint96).max));
        IEscrow.Split memory split;
        split.payeeAmount = bound(payeeAmount, 0, amount);
        split.payerAmount = amount - split.payeeAmount;
        split.feeBps = bound(feeBps, 0, 10_000);
        split.deadline = block.timestamp;
        IEscrow.Terms memory what = terms(amount);
        authorize(what, amount);
        bytes32 structHash = releaseHash(escrow.escrowIdOf(what), split);

        uint256 fee = escrow.release(what, split, sign(PAYER_KEY, structHash), sign(PAYEE_KEY, structHash));

        assertEq(fee, (split.payeeAmount * split.feeBps) / 10_000, "fee");
        assertEq(coin.balanceOf(payee), split.payeeAmount - fee, "payee");
        assertEq(coin.balanceOf(payer), type(uint96).max - split.payeeAmount, "payer");
        assertEq(coin.balanceOf(address(escrow)), 0, "escrow");
    }

    function testFuzz_captureWithPreimage_takesThePreimageOnly(bytes32 preimage, bytes32 guess) public {
        IEscrow.Terms memory what = terms(1e6);
        (what.operator, what.arbiter, what.rulingPeriodSeconds) = (address(0), address(0), 0);
        what.hashLock = sha256(abi.encodePacked(preimage));
        authorize(what, 1e6);

        if (guess != preimage) {
            bytes32 observed = sha256(abi.encodePacked(guess));
            vm.expectRevert(abi.encodeWithSelector(IEscrow.PreimageMismatch.selector, observed, what.hashLock));
            escrow.captureWithPreimage(what, guess);
        }
        escrow.captureWithPreimage(what, preimage);
        assertEq(coin.balanceOf(payee), 1e6, "payee");
    }

    function testFuzz_capture_takesMilestonesInOrder(uint80[8] memory amounts, uint8 count) public {
        count = uint8(bound(count, 1, 8));
        IEscrow.Terms memory what = terms(0);
        what.milestones = new uint96[](count);
        for (uint256 i = 0; i < count; ++i) {
            what.milestones[i] = uint96(amounts[i]) + 1;
            what.amount += what.milestones[i];
        }
        authorize(what, what.amount);

        for (uint256 i = 0; i < count; ++i) {
            uint256 expected = what.milestones[i];
            if (expected + 1 < escrow.stateOf(escrow.escrowIdOf(what)).capturable) {
                vm.expectRevert(abi.encodeWithSelector(IEscrow.MilestoneMismatch.selector, i, expected, expected + 1));
                vm.prank(operator);
                escrow.capture(what, expected + 1, 0);
            }
            vm.prank(operator);
            escrow.capture(what, expected, 0);
        }
        assertEq(coin.balanceOf(payee), what.amount, "payee");
        assertTrue(escrow.stateOf(escrow.escrowIdOf(what)).status == IEscrow.Status.Closed, "closed");
    }

    /// @dev Never more than was captured, whatever the parts.
    function testFuzz_refund_neverExceedsWhatWasCaptured(uint96 captured, uint96[3] memory refunds) public {
        captured = uint96(bound(captured, 1, type(uint96).max));
        IEscrow.Terms memory what = terms(captured);
        authorize(what, captured);
        vm.prank(operator);
        escrow.capture(what, captured, 0);

        uint256 left = captured;
        for (uint256 i = 0; i < 3; ++i) {
            if (refunds[i] == 0 || refunds[i] > left) {
                vm.expectRevert(abi.encodeWithSelector(IEscrowTerms.AmountOutOfBounds.selector, refunds[i], 1, left));
            } else {
                left -= refunds[i];
            }
            vm.prank(payee);
            escrow.refund(what, refunds[i]);
            assertEq(coin.balanceOf(payee), left, "payee");
            assertEq(escrow.stateOf(escrow.escrowIdOf(what)).refundable, left, "refundable");
        }
    }
}
