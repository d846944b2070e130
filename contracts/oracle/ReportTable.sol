// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SSTORE2} from "solady/src/utils/SSTORE2.sol";

/**
 * @title ReportTable
 * @notice What every report reads, for the price of one slot and one account: the reporters that sign, and after them the bounds
 * of all feeds, a word each, as the code of an account. Written anew when one of them changes.
 */
abstract contract ReportTable {
    struct ActiveSet {
        address table;
        uint32 version;
        /// @dev When the latest set takes over; 0 when it has, or never will.
        uint40 nextEffectiveAt;
        uint8 reporterCount;
    }

    ActiveSet internal _active;

    function _loadBounds() internal view returns (uint256[] memory bounds) {
        bytes memory words = SSTORE2.read(_active.table, uint256(_active.reporterCount) * 32);
        assembly ("memory-safe") {
            // One word a feed: the length in words makes it an array of them.
            mstore(words, shr(5, mload(words)))
            bounds := words
        }
    }

    /// @dev Other bounds, the same reporters.
    function _storeBounds(bytes memory bounds) internal {
        bytes memory reporters = SSTORE2.read(_active.table, 0, uint256(_active.reporterCount) * 32);
        _active.table = SSTORE2.write(bytes.concat(reporters, bounds));
    }

    /// @dev Other reporters, the same bounds.
    function _storeReporters(bytes memory reporters, uint32 version) internal {
        bytes memory bounds =
            version == 1 ? bytes("") : SSTORE2.read(_active.table, uint256(_active.reporterCount) * 32);
        address table = SSTORE2.write(bytes.concat(reporters, bounds));
        // Cannot truncate: at most 31.
        _active = ActiveSet(table, version, 0, uint8(reporters.length / 32));
    }
}
