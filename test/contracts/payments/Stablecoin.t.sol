// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {IERC3009} from "../../../contracts/payments/interfaces/IERC3009.sol";
import {IStablecoin} from "../../../contracts/payments/interfaces/IStablecoin.sol";
import {Corridor} from "../support/Corridor.sol";

/// @notice Fuzz tests of the stablecoin: what holds for all amounts, accounts, times and signatures.
contract StablecoinTest is Corridor {
    uint256 private constant KEY = 0xC0FFEE;
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    /// @dev A second coin to compare with.
    Stablecoin private other;

    function setUp() public override {
        super.setUp();
        other = new Stablecoin("Corridor EUR", "cEUR", address(manager));
        other.configureMinter(address(this), type(uint96).max, 1);
    }

    function testFuzz_transfer_movesTheAmountAndNothingElse(address to, uint96 balance, uint256 amount) public {
        vm.assume(to != address(this) && !coin.isFrozen(to));
        coin.mint(address(this), balance);
        amount = bound(amount, 0, balance);

        coin.transfer(to, amount);

        assertEq(coin.balanceOf(address(this)), balance - amount, "sender");
        assertEq(coin.balanceOf(to), amount, "recipient");
        assertEq(coin.totalSupply(), balance, "supply");
    }

    function testFuzz_transfer_ofMoreThanThereIsReverts(address to, uint96 balance, uint256 amount) public {
        coin.mint(address(this), balance);
        amount = bound(amount, uint256(balance) + 1, type(uint256).max);

        vm.expectRevert(
            abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", address(this), balance, amount)
        );
        coin.transfer(to, amount);
    }

    /// @dev A batch does what single transfers do, and leaves out what single transfers would refuse.
    function testFuzz_transferBatch_equalsSingleTransfers(bytes32[] memory payments, uint256 frozenOnes) public {
        vm.assume(payments.length > 0 && payments.length <= 256);
        uint256 total = _freezeAndSum(payments, frozenOnes);
        vm.assume(total <= type(uint96).max);
        coin.mint(address(this), total);
        other.mint(address(this), total);

        (uint256 settled, uint256 returned) = coin.transferBatch(payments);

        uint256 settledSingly = 0;
        for (uint256 i = 0; i < payments.length; ++i) {
            (address to, uint256 amount) = _unpack(payments[i]);
            try other.transfer(to, amount) {
                settledSingly += amount;
                assertEq((returned >> i) & 1, 0, "settled");
            } catch {
                assertEq((returned >> i) & 1, 1, "returned");
            }
        }
        assertEq(settled, settledSingly, "settled amount");
        for (uint256 i = 0; i < payments.length; ++i) {
            (address to, ) = _unpack(payments[i]);
            assertEq(coin.balanceOf(to), other.balanceOf(to), "balance");
        }
        assertEq(coin.balanceOf(address(this)), other.balanceOf(address(this)), "payer");
    }

    function testFuzz_transferWithAuthorization_countsForTheSignedValuesOnly(
        uint96 amount,
        bytes32 nonce,
        uint8 tamperedArgument
    ) public {
        address from = vm.addr(KEY);
        coin.mint(from, amount);
        uint256[6] memory arguments = [
            uint256(uint160(from)),
            uint160(address(0xBEEF)),
            amount,
            block.timestamp - 1,
            block.timestamp + 1,
            uint256(nonce)
        ];
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(arguments));

        uint256 tampered = bound(tamperedArgument, 0, 5);
        arguments[tampered] ^= 1;
        (bool success, ) = _submit(arguments, v, r, s);
        assertTrue(!success, "tampered");

        arguments[tampered] ^= 1;
        (success, ) = _submit(arguments, v, r, s);
        assertTrue(success, "signed");
        assertEq(coin.balanceOf(address(0xBEEF)), amount, "recipient");

        (success, ) = _submit(arguments, v, r, s);
        assertTrue(!success, "second time");
    }

    /// @dev After a chain split each half has its own id, and a signature counts on one of them only.
    function test_transferWithAuthorization_givenTheChainSplit_countsForTheNewChainIdOnly() public {
        address from = vm.addr(KEY);
        uint256[6] memory arguments = [uint256(uint160(from)), uint160(address(0xBEEF)), 0, 0, type(uint256).max, 7];
        bytes32 before = coin.DOMAIN_SEPARATOR();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(arguments));
        vm.chainId(block.chainid + 1);
        assertTrue(coin.DOMAIN_SEPARATOR() != before, "domain");

        (bool success, bytes memory reason) = _submit(arguments, v, r, s);
        assertTrue(!success, "old chain id");
        assertTrue(
            keccak256(reason) == keccak256(abi.encodeWithSelector(IERC3009.InvalidSignature.selector, from)),
            "reason"
        );
        (v, r, s) = vm.sign(KEY, _digest(arguments));
        (success, ) = _submit(arguments, v, r, s);
        assertTrue(success, "new chain id");

        bytes32 cancellation = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
        bytes32 structHash = keccak256(abi.encode(cancellation, from, bytes32(uint256(8))));
        (v, r, s) = vm.sign(KEY, keccak256(abi.encodePacked(hex"1901", coin.DOMAIN_SEPARATOR(), structHash)));
        coin.cancelAuthorization(from, bytes32(uint256(8)), v, r, s);
    }

    function testFuzz_authorizationState_isOneBitForEachNonce(bytes32 nonce, bytes32 another) public {
        vm.assume(nonce != another && uint256(nonce) ^ 1 != uint256(another));
        address from = vm.addr(KEY);
        uint256[6] memory arguments = [
            uint256(uint160(from)),
            uint160(address(0xBEEF)),
            0,
            0,
            type(uint256).max,
            uint256(nonce)
        ];
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(arguments));
        _submit(arguments, v, r, s);

        assertTrue(coin.authorizationState(from, nonce), "used");
        assertTrue(!coin.authorizationState(from, another), "another");
        assertTrue(!coin.authorizationState(from, bytes32(uint256(nonce) ^ 1)), "neighbour");
        assertTrue(!coin.authorizationState(address(0xBEEF), nonce), "somebody else's");
    }

    /// @dev Whatever the minter does and when: never more than the limit and what grew back.
    function testFuzz_mint_staysWithinTheLimit(
        uint96 capacity,
        uint24 windowSeconds,
        uint96[8] memory amounts,
        uint32[8] memory pauses
    ) public {
        windowSeconds = uint24(bound(windowSeconds, 1, type(uint24).max));
        coin.configureMinter(address(this), capacity, windowSeconds);
        uint256 start = block.timestamp;
        uint256 time = start;
        uint256 minted = 0;

        for (uint256 i = 0; i < amounts.length; ++i) {
            time += pauses[i];
            vm.warp(time);
            (uint256 available, , ) = coin.minterAllowance(address(this));
            uint256 amount = amounts[i];
            if (amount > available || capacity == 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(IStablecoin.MintLimitExceeded.selector, address(this), available, amount)
                );
                coin.mint(address(this), amount);
                if (capacity == 0) continue;
                amount = available;
            }
            coin.mint(address(this), amount);
            minted += amount;
            uint256 bearable = capacity + (uint256(capacity) * (time - start)) / windowSeconds;
            assertLe(minted, bearable, "minted");
        }
    }

    function _submit(
        uint256[6] memory arguments,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) private returns (bool success, bytes memory reason) {
        bytes4 selector = bytes4(
            keccak256(
                "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
            )
        );
        return address(coin).call(abi.encodePacked(selector, abi.encode(arguments, v, r, s)));
    }

    function _digest(uint256[6] memory arguments) private view returns (bytes32) {
        bytes32 structHash = keccak256(abi.encode(TRANSFER_TYPEHASH, arguments));
        return keccak256(abi.encodePacked(hex"1901", coin.DOMAIN_SEPARATOR(), structHash));
    }

    function _freezeAndSum(bytes32[] memory payments, uint256 frozenOnes) private returns (uint256 total) {
        for (uint256 i = 0; i < payments.length; ++i) {
            (address to, uint256 amount) = _unpack(payments[i]);
            // 88 bits, so that the sum stays within what can be minted at once.
            payments[i] = pack(to, amount >> 8);
            total += amount >> 8;
            if ((frozenOnes >> i) & 1 == 1 && to != address(this) && !coin.isFrozen(to)) {
                coin.freeze(to);
                other.freeze(to);
            }
        }
    }

    function _unpack(bytes32 payment) private pure returns (address to, uint256 amount) {
        return (address(uint160(uint256(payment) >> 96)), uint96(uint256(payment)));
    }
}
