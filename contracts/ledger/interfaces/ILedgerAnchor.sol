// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title ILedgerAnchor
 * @notice Where a ledger that is kept off chain leaves word of itself: the hash of its last posting, which stands for all postings up to
 * it. Who rewrites such a ledger afterwards, consistently and with every right in its database, cannot rewrite this.
 * @dev Only the rise of the numbers is checked. Which ledger a name stands for, and that a head is of it, is for its readers to
 * know; they compare each event with the head that they compute.
 */
interface ILedgerAnchor {
    /// @notice The ledger had this head at this posting.
    event LedgerAnchored(bytes32 indexed ledgerId, uint64 indexed number, bytes32 head);

    /// @notice A ledger only grows: the number must be beyond the last anchored one.
    error NumberNotRising(bytes32 ledgerId, uint64 observed, uint64 last);

    /**
     * @notice Anchors the ledger's head: its seal of posting `number`, counted from 1. Restricted.
     * @dev Reverts with NumberNotRising, so that a head is anchored once however often it is sent.
     */
    function anchor(bytes32 ledgerId, uint64 number, bytes32 head) external;

    /// @notice What was anchored last of a ledger; zeros if nothing was.
    function lastAnchor(bytes32 ledgerId) external view returns (uint64 number, bytes32 head);
}
