// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IPausableEntries} from "./IPausableEntries.sol";

/**
 * @title PausableEntries
 * @notice See `IPausableEntries`. Each contract reverts with errors of its own, so that a caller knows who is paused.
 */
abstract contract PausableEntries is IPausableEntries, AccessManaged {
    bool public override paused;

    modifier whenNotPaused() {
        if (paused) _revertPaused();
        _;
    }

    /// @inheritdoc IPausableEntries
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IPausableEntries
    function unpause() external restricted {
        if (!paused) _revertNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    function _revertPaused() internal pure virtual;

    function _revertNotPaused() internal pure virtual;
}
