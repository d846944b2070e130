// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title PackedPayments
 * @notice Reads lists of packed payments: the recipient in the upper 20 bytes of a word, the amount in the lower 12.
 */
library PackedPayments {
    uint256 internal constant MAX_BATCH = 256;

    /**
     * @notice True for a list that can be settled: 1 to 256 payments, so that one word tells which were returned.
     */
    function isBatch(bytes32[] calldata payments) internal pure returns (bool) {
        return payments.length != 0 && payments.length <= MAX_BATCH;
    }

    function recipientOf(bytes32 payment) internal pure returns (address) {
        return address(bytes20(payment));
    }

    function amountOf(bytes32 payment) internal pure returns (uint256) {
        return uint96(uint256(payment));
    }

    /**
     * @notice The sum of all amounts. Cannot overflow for a batch: 256 times 96 bits.
     */
    function total(bytes32[] calldata payments) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            let end := add(payments.offset, shl(5, payments.length))
            for {
                let at := payments.offset
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                sum := add(sum, and(calldataload(at), 0xffffffffffffffffffffffff))
            }
        }
    }

    /**
     * @notice As `total`, of a list with at least one payment, up to the first of nothing.
     * @return sum The sum of the amounts before it.
     * @return count How many come before it: all of them when each is of something.
     */
    function totalUpToZero(bytes32[] calldata payments) internal pure returns (uint256 sum, uint256 count) {
        assembly ("memory-safe") {
            let at := payments.offset
            let end := add(at, shl(5, payments.length))
            let amount
            // Asks once a payment whether to go on, after it.
            for {} 1 {} {
                amount := and(calldataload(at), 0xffffffffffffffffffffffff)
                sum := add(sum, amount)
                at := add(at, 0x20)
                if iszero(mul(amount, lt(at, end))) {
                    break
                }
            }
            count := sub(shr(5, sub(at, payments.offset)), iszero(amount))
        }
    }

    /**
     * @notice The sum of the amounts for `recipient`.
     */
    function totalTo(bytes32[] calldata payments, address recipient) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < payments.length; ++i) {
            if (recipientOf(payments[i]) == recipient) sum += amountOf(payments[i]);
        }
    }

    /**
     * @notice The sum of the amounts of the payments whose bit is set in `chosen`.
     */
    function totalOf(bytes32[] calldata payments, uint256 chosen) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < payments.length; ++i) {
            if ((chosen >> i) & 1 == 1) sum += amountOf(payments[i]);
        }
    }

    /**
     * @notice keccak256 of the packed payments, one after the other, which is also how EIP-712 encodes a bytes32[].
     */
    function commitment(bytes32[] calldata payments) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, payments.offset, shl(5, payments.length))
            hash := keccak256(free, shl(5, payments.length))
        }
    }
}
