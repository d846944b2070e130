// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title Median
 * @notice Checks the median of one column of a table of numbers that lies row after row in calldata, 12 bytes a number.
 * @dev Nothing is sorted: whoever sends the table says which row holds the median, and counting proves it. The number is at
 * the place `middle` of the sorted column exactly when `middle` numbers come before it: those that are less, and of equal
 * ones those in rows before. So there is one right row.
 *
 * For an even number of rows it is the lower of the two in the middle, never their average: what somebody observed, without a
 * rounding.
 */
library Median {
    /// @notice Bytes of a number, an int96 from the highest byte on.
    uint256 internal constant WIDTH = 12;

    /// @notice The number in this row is not the median of the column.
    error MedianInvalid(uint256 column, uint256 row, uint256 rowCount);

    /**
     * @notice The median of each column. `rows` has a byte for each column: the row, from 0, that holds it.
     * @dev Reverts with MedianInvalid. The caller has checked that the table is full: `values` are `rowCount` rows, at least
     * one, of as many numbers as there are columns, at least one.
     */
    function ofColumns(
        bytes calldata values,
        bytes calldata rows,
        uint256 rowCount
    ) internal pure returns (int256[] memory medians) {
        medians = new int256[](rows.length);
        for (uint256 column = 0; column < rows.length; ++column) {
            uint256 row = uint8(rows[column]);
            uint256 before = 0;
            assembly ("memory-safe") {
                // A loaded word is a number and, below it, 20 bytes of what comes next; `most` is the greatest word of the median.
                let size := mul(rows.length, WIDTH)
                let entry := add(values.offset, mul(column, WIDTH))
                let end := add(entry, mul(row, size))
                let least := and(calldataload(end), not(0xffffffffffffffffffffffffffffffffffffffff))
                let most := or(least, 0xffffffffffffffffffffffffffffffffffffffff)
                for {} lt(entry, end) {
                    entry := add(entry, size)
                } {
                    before := add(before, iszero(sgt(calldataload(entry), most)))
                }
                end := add(values.offset, values.length)
                for {
                    entry := add(entry, size)
                } lt(entry, end) {
                    entry := add(entry, size)
                } {
                    before := add(before, slt(calldataload(entry), least))
                }
                mstore(add(add(medians, 0x20), shl(5, column)), sar(160, least))
            }
            unchecked {
                if (row >= rowCount || before != (rowCount - 1) >> 1) revert MedianInvalid(column, row, rowCount);
            }
        }
    }
}
