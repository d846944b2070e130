// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IBatchTransfer
 * @notice One debit, many credits. A token that has it says so by ERC-165 (`type(IBatchTransfer).interfaceId`).
 * @dev A payment is packed into one word: the recipient in the upper 20 bytes, the amount (uint96, smallest unit)
 * in the lower 12.
 */
interface IBatchTransfer {
    /// @notice A batch has no payments, or more than `maximum`.
    error BatchSizeInvalid(uint256 count, uint256 maximum);

    /**
     * @notice Pays every recipient in `payments` from the caller's balance.
     * @dev One `Transfer` event for each payment that moves money, in order. A payment whose recipient cannot receive
     * (frozen, the zero address, the token itself) is left out and its amount stays with the payer; the
     * others go on. Zero amounts are allowed.
     *
     * Reverts with `BatchSizeInvalid` unless there are 1 to 256 payments, `TokenIsPaused`, `AccountIsFrozen` when the
     * payer is frozen, `ERC20InsufficientBalance` when the payer cannot cover the sum of all payments, also of those
     * that would be left out.
     * @param payments Packed payments.
     * @return settledAmount What left the payer for the recipients, in the smallest unit.
     * @return returned Bit `i` is set when payment `i` was left out.
     */
    function transferBatch(bytes32[] calldata payments) external returns (uint256 settledAmount, uint256 returned);

    /**
     * @notice As `transferBatch`, from the balance of `from` and out of the allowance it gave to the caller.
     * @dev The allowance is reduced by `settledAmount`, and must cover the sum of all payments
     * (`ERC20InsufficientAllowance`). An allowance of 2^256 - 1 is never reduced.
     */
    function transferFromBatch(
        address from,
        bytes32[] calldata payments
    ) external returns (uint256 settledAmount, uint256 returned);
}
