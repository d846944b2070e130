// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPaymentRouter} from "../../../contracts/payments/interfaces/IPaymentRouter.sol";
import {Corridor} from "../support/Corridor.sol";
import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Fuzz tests of the router: what holds for all sequences, batches, times and signatures.
contract PaymentRouterTest is Corridor {
    uint256 private constant KEY = 0xC0FFEE;

    function setUp() public override {
        super.setUp();
        coin.mint(address(this), type(uint96).max);
        coin.approve(address(router), type(uint256).max);
        router.authorizeOperator(address(this), address(coin), type(uint96).max, 1);
    }

    function testFuzz_settleBatch_usesItsSequencesAndNoOthers(uint256 first, uint16 count, uint256 other) public {
        count = uint16(bound(count, 1, 256));
        first = bound(first, 0, type(uint256).max - count + 1);

        router.settleBatch(address(this), address(coin), first, _payments(count, 1));

        uint256 last = first + (count - 1);
        assertTrue(router.isSequenceUsed(address(this), first), "first");
        assertTrue(router.isSequenceUsed(address(this), last), "last");
        bool inside = other >= first && other <= last;
        assertTrue(router.isSequenceUsed(address(this), other) == inside, "any other");
        if (first != 0) assertTrue(!router.isSequenceUsed(address(this), first - 1), "before");
        if (last != type(uint256).max) assertTrue(!router.isSequenceUsed(address(this), last + 1), "after");
    }

    function testFuzz_settleBatch_thatOverlapsReverts(uint256 first, uint16 count, uint256 second) public {
        count = uint16(bound(count, 1, 256));
        first = bound(first, 256, type(uint256).max - 512);
        second = bound(second, first - count + 1, first + count - 1);
        bytes32[] memory payments = _payments(count, 1);
        router.settleBatch(address(this), address(coin), first, payments);

        uint256 clash = second > first ? second : first;
        vm.expectRevert(abi.encodeWithSelector(IPaymentRouter.SequenceAlreadyUsed.selector, address(this), clash));
        router.settleBatch(address(this), address(coin), second, payments);
    }

    function testFuzz_cancelSequences_usesThemAndNoOthers(uint256 first, uint16 count, uint256 other) public {
        count = uint16(bound(count, 1, 5_000));
        first = bound(first, 0, type(uint256).max - count + 1);

        router.cancelSequences(first, count);

        uint256 last = first + (count - 1);
        other = first + (other % count);
        assertTrue(router.isSequenceUsed(address(this), other), "one of them");
        if (first != 0) assertTrue(!router.isSequenceUsed(address(this), first - 1), "before");
        if (last != type(uint256).max) assertTrue(!router.isSequenceUsed(address(this), last + 1), "after");
    }

    /// @dev The slower path for any ERC-20 does what the native batch does.
    function testFuzz_settleBatch_ofAnyTokenEqualsTheNativeOne(uint96[8] memory amounts, uint8 who) public {
        PlainToken plain = new PlainToken();
        plain.mint(address(this), type(uint96).max);
        plain.approve(address(router), type(uint256).max);
        router.authorizeOperator(address(this), address(plain), type(uint96).max, 1);
        bytes32[] memory payments = new bytes32[](8);
        uint256 total = 0;
        for (uint256 i = 0; i < 8; ++i) {
            address to = (who >> i) & 1 == 1 ? address(this) : address(uint160(0x1000 + (i % 3)));
            uint256 amount = bound(amounts[i], 1, type(uint96).max >> 3);
            payments[i] = pack(to, amount);
            total += amount;
        }

        (uint256 settled, uint256 returned) = router.settleBatch(address(this), address(coin), 0, payments);
        (uint256 settledPlain, uint256 returnedPlain) = router.settleBatch(address(this), address(plain), 8, payments);

        assertEq(settled, total, "settled");
        assertEq(settledPlain, total, "settled one by one");
        assertEq(returned | returnedPlain, 0, "returned");
        assertEq(coin.balanceOf(address(this)), plain.balanceOf(address(this)), "payer");
        for (uint160 to = 0x1000; to < 0x1003; ++to) {
            assertEq(coin.balanceOf(address(to)), plain.balanceOf(address(to)), "recipient");
        }
    }

    function testFuzz_settleBatchWithSignature_countsForTheSignedBatchOnly(
        uint256 first,
        uint8 count,
        uint256 tampered
    ) public {
        count = uint8(bound(count, 1, 20));
        first = bound(first, 1, type(uint256).max - 20);
        address payer = vm.addr(KEY);
        coin.transfer(payer, 1e6);
        vm.prank(payer);
        coin.approve(address(router), type(uint256).max);
        bytes32[] memory payments = _payments(count, 1);
        bytes memory signature = _sign(payer, first, payments);

        tampered = bound(tampered, 0, count - 1);
        payments[tampered] = bytes32(uint256(payments[tampered]) ^ 2);
        vm.expectRevert(abi.encodeWithSelector(IPaymentRouter.InvalidSignature.selector, payer));
        router.settleBatchWithSignature(payer, address(coin), first, payments, block.timestamp, signature);

        payments[tampered] = bytes32(uint256(payments[tampered]) ^ 2);
        vm.expectRevert(abi.encodeWithSelector(IPaymentRouter.InvalidSignature.selector, payer));
        router.settleBatchWithSignature(payer, address(coin), first - 1, payments, block.timestamp, signature);

        router.settleBatchWithSignature(payer, address(coin), first, payments, block.timestamp, signature);
        vm.expectRevert(abi.encodeWithSelector(IPaymentRouter.SequenceAlreadyUsed.selector, payer, first));
        router.settleBatchWithSignature(payer, address(coin), first, payments, block.timestamp, signature);
    }

    /// @dev Whatever the operator does and when: never more than the limit and what grew back.
    function testFuzz_settleBatch_staysWithinTheOperatorsLimit(
        uint88 limit,
        uint24 windowSeconds,
        uint88[8] memory amounts,
        uint32[8] memory pauses
    ) public {
        windowSeconds = uint24(bound(windowSeconds, 1, type(uint24).max));
        router.authorizeOperator(address(0xBAD), address(coin), limit, windowSeconds);
        uint256 start = block.timestamp;
        uint256 time = start;

        for (uint256 i = 0; i < amounts.length; ++i) {
            time += pauses[i];
            vm.warp(time);
            amounts[i] = uint88(bound(amounts[i], 1, type(uint88).max));
            (uint256 available, , ) = router.operatorAllowance(address(this), address(0xBAD), address(coin));
            bytes32[] memory payments = new bytes32[](1);
            payments[0] = pack(address(0xBAD), amounts[i]);
            if (amounts[i] > available || limit == 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        IPaymentRouter.OperatorLimitExceeded.selector,
                        address(this),
                        address(0xBAD),
                        address(coin),
                        available,
                        amounts[i]
                    )
                );
            } else if (amounts[i] > coin.balanceOf(address(this))) {
                continue;
            }
            vm.prank(address(0xBAD));
            router.settleBatch(address(this), address(coin), i, payments);
            uint256 bearable = limit + (uint256(limit) * (time - start)) / windowSeconds;
            assertLe(coin.balanceOf(address(0xBAD)), bearable, "spent");
        }
    }

    function _payments(uint256 count, uint256 amount) private pure returns (bytes32[] memory payments) {
        payments = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) payments[i] = pack(address(0xBEEF), amount);
    }

    function _sign(address payer, uint256 first, bytes32[] memory payments) private view returns (bytes memory) {
        (, string memory name, string memory version, uint256 chainId, address router_, , ) = router.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                router_
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                router.SETTLE_BATCH_TYPEHASH(),
                payer,
                address(coin),
                first,
                keccak256(abi.encodePacked(payments)),
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", domain, structHash)));
        return abi.encodePacked(r, s, v);
    }
}
