// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TokenBucket} from "./TokenBucket.sol";

/**
 * @title PayerOperators
 * @notice Whom a payer lets spend its money, and how much: each operator has a limit of its own, which grows back.
 */
library PayerOperators {
    using TokenBucket for TokenBucket.Bucket;

    struct Limits {
        mapping(address payer => mapping(address operator => TokenBucket.Bucket limit)) buckets;
    }

    /// @notice The operator may spend `available` of the payer's money now, and `required` is asked for.
    error OperatorLimitExceeded(address payer, address operator, uint256 available, uint256 required);

    /**
     * @notice Sets what `operator` may spend of the caller's money; it starts full.
     * @dev Reverts with WindowInvalid when `limit` is not 0 and `windowSeconds` is.
     * @param limit 0 revokes the operator.
     */
    function authorize(Limits storage self, address operator, uint96 limit, uint24 windowSeconds) internal {
        self.buckets[msg.sender][operator].configure(limit, windowSeconds);
    }

    /**
     * @notice Uses up `amount` of what the caller may spend of the payer's money. Its own everybody may spend.
     * @dev Reverts with OperatorLimitExceeded.
     */
    function spend(Limits storage self, address payer, uint256 amount) internal {
        if (msg.sender == payer) return;
        (bool spent, uint256 available) = self.buckets[payer][msg.sender].trySpend(amount);
        if (!spent) revert OperatorLimitExceeded(payer, msg.sender, available, amount);
    }

    /**
     * @notice What an operator may spend of the payer's money now, rounded down; the most at once; and in which time an empty
     * limit is full again.
     */
    function allowance(
        Limits storage self,
        address payer,
        address operator
    ) internal view returns (uint256 available, uint256 limit, uint256 windowSeconds) {
        TokenBucket.Bucket storage bucket = self.buckets[payer][operator];
        return (bucket.available(), bucket.capacity, bucket.windowSeconds);
    }
}
