// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ILedgerAnchor} from "./interfaces/ILedgerAnchor.sol";

/**
 * @title LedgerAnchor
 * @notice See `ILedgerAnchor`, which documents every function.
 */
contract LedgerAnchor is ILedgerAnchor, AccessManaged {
    struct Anchor {
        uint64 number;
        bytes32 head;
    }

    /// @inheritdoc ILedgerAnchor
    mapping(bytes32 ledgerId => Anchor last) public override lastAnchor;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc ILedgerAnchor
    function anchor(bytes32 ledgerId, uint64 number, bytes32 head) external restricted {
        Anchor storage last = lastAnchor[ledgerId];
        if (number <= last.number) revert NumberNotRising(ledgerId, number, last.number);

        last.number = number;
        last.head = head;
        emit LedgerAnchored(ledgerId, number, head);
    }
}
