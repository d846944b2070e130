// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title ICredits
 * @notice Money that could not be pushed to its owner (frozen, or the token refused) waits here to be pulled. Amounts are in
 * the token's smallest unit. Never paused.
 */
interface ICredits {
    /// @notice A push failed; the money is `account`'s from now on. `id` is the matter that it belongs to.
    event CreditAdded(address indexed account, bytes32 indexed id, address indexed token, uint256 amount);
    /// @notice The owner has its money.
    event CreditWithdrawn(address indexed account, address indexed token, uint256 amount);

    /// @notice There is nothing to withdraw.
    error NoCredit(address account, address token);

    /// @notice What `account` may withdraw of `token`.
    function creditOf(address account, address token) external view returns (uint256);

    /**
     * @notice Sends `account` all of its credit in `token`. Anybody may call; the money goes to its owner only, so that a
     * frozen account cannot send it elsewhere.
     * @dev The token gets all gas that the caller brings. Reverts with NoCredit, with TransferFailed as long as the token still
     * refuses or the gas is not enough for it, and with UnexpectedBalanceChange when the token takes another amount.
     */
    function withdrawCredit(address token, address account) external returns (uint256 amount);
}
