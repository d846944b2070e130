// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";

/**
 * @title PoolAccess
 * @notice See `ICoverPool`, which documents every function: the one contract that the pool obeys, and the stop of entries.
 */
abstract contract PoolAccess is AccessManaged, ICoverPool {
    address public override cover;
    bool public override paused;

    modifier onlyCover() {
        if (msg.sender != cover) revert NotTheCover(msg.sender, cover);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert PoolIsPaused();
        _;
    }

    modifier whenBound() {
        if (cover == address(0)) revert CoverIsMissing();
        _;
    }

    /// @inheritdoc ICoverPool
    function setCover(address cover_) external restricted {
        if (cover != address(0)) revert CoverIsSet(cover);
        if (cover_.code.length == 0 || address(IParametricCover(cover_).pool()) != address(this)) {
            revert CoverInvalid(cover_);
        }

        cover = cover_;
        emit CoverSet(cover_);
    }

    /// @inheritdoc ICoverPool
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc ICoverPool
    function unpause() external restricted {
        if (!paused) revert PoolIsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }
}
