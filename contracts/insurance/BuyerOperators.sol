// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SequenceBitmap} from "../lib/SequenceBitmap.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";

/**
 * @title BuyerOperators
 * @notice See `IParametricCover`, which documents every function: who may buy with whose money, and each order once.
 */
abstract contract BuyerOperators is IParametricCover {
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using TokenBucket for TokenBucket.Bucket;

    mapping(address buyer => SequenceBitmap.Bitmap used) private _sequences;
    mapping(address buyer => mapping(address operator => TokenBucket.Bucket limit)) private _operators;

    /// @inheritdoc IParametricCover
    function authorizeOperator(address operator, uint96 limit, uint24 windowSeconds) external {
        _operators[msg.sender][operator].configure(limit, windowSeconds);
        emit OperatorAuthorized(msg.sender, operator, limit, windowSeconds);
    }

    /// @inheritdoc IParametricCover
    function operatorAllowance(
        address buyer,
        address operator
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds) {
        TokenBucket.Bucket storage bucket = _operators[buyer][operator];
        return (bucket.available(), bucket.capacity, bucket.windowSeconds);
    }

    /// @inheritdoc IParametricCover
    function isSequenceUsed(address buyer, uint256 sequence) external view returns (bool) {
        return _sequences[buyer].isUsed(sequence);
    }

    function _useSequence(address buyer, uint256 sequence) internal {
        if (_sequences[buyer].useOne(sequence)) revert SequenceAlreadyUsed(buyer, sequence);
    }

    /// @dev Its own money everybody may spend.
    function _spendFor(address buyer, uint256 premium) internal {
        if (msg.sender == buyer) return;
        (bool spent, uint256 available) = _operators[buyer][msg.sender].trySpend(premium);
        if (!spent) revert OperatorLimitExceeded(buyer, msg.sender, available, premium);
    }
}
