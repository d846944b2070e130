// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PayerOperators} from "../lib/PayerOperators.sol";
import {SequenceBitmap} from "../lib/SequenceBitmap.sol";
import {IParametricCover} from "./interfaces/IParametricCover.sol";

/**
 * @title BuyerOperators
 * @notice See `IParametricCover`, which documents every function: who may buy with whose money, and each order once.
 */
abstract contract BuyerOperators is IParametricCover {
    using PayerOperators for PayerOperators.Limits;
    using SequenceBitmap for SequenceBitmap.Bitmap;

    mapping(address buyer => SequenceBitmap.Bitmap used) private _sequences;
    PayerOperators.Limits private _limits;

    /// @inheritdoc IParametricCover
    function authorizeOperator(address operator, uint96 limit, uint24 windowSeconds) external {
        _limits.authorize(operator, limit, windowSeconds);
        emit OperatorAuthorized(msg.sender, operator, limit, windowSeconds);
    }

    /// @inheritdoc IParametricCover
    function operatorAllowance(
        address buyer,
        address operator
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds) {
        return _limits.allowance(buyer, operator);
    }

    /// @inheritdoc IParametricCover
    function isSequenceUsed(address buyer, uint256 sequence) external view returns (bool) {
        return _sequences[buyer].isUsed(sequence);
    }

    function _useSequence(address buyer, uint256 sequence) internal {
        if (_sequences[buyer].useOne(sequence)) revert SequenceAlreadyUsed(buyer, sequence);
    }

    function _spendFor(address buyer, uint256 premium) internal {
        _limits.spend(buyer, premium);
    }
}
