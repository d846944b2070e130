// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/**
 * @title TokenTransfer
 * @notice Moves any ERC-20 in and out of the calling contract, and believes balances, not return values: fees on
 * transfer, tokens that say nothing, say false or lie are all told by what the contract has afterwards.
 */
library TokenTransfer {
    /// @notice What one push may cost, so that one recipient or token cannot use up the gas of others.
    uint256 internal constant PUSH_GAS_LIMIT = 300_000;

    /// @dev So much that the push can get its limit: a call passes on at most 63/64 of what is left.
    uint256 internal constant REQUIRED_GAS = (PUSH_GAS_LIMIT * 64) / 63 + 10_000;

    /// @notice There is no contract at the token's address, or one that knows no balances.
    error NotAToken(address token);
    /// @notice The token's transfer failed.
    error TransferFailed(address token, address from, address to, uint256 amount);
    /// @notice The token moved something else than it was asked to.
    error UnexpectedBalanceChange(address token, address account, int256 expected, int256 observed);
    /// @notice Too little gas is left to try a push honestly; call again with more.
    error InsufficientGas(uint256 available, uint256 required);

    /**
     * @notice Takes exactly `amount` from `from` by its allowance.
     * @dev Reverts with NotAToken, TransferFailed (what the token said stays unsaid, so that a long answer costs
     * nothing), UnexpectedBalanceChange.
     */
    function pull(address token, address from, uint256 amount) internal {
        uint256 balanceBefore = balanceOf(token, address(this));
        bytes memory data = abi.encodeCall(IERC20.transferFrom, (from, address(this), amount));
        if (!succeeds(token, data, gasleft())) revert TransferFailed(token, from, address(this), amount);
        checkChange(token, address(this), balanceBefore, int256(amount));
    }

    /**
     * @notice Reverts unless `account` has exactly `expected` more (or, below zero, less) than `balanceBefore`.
     */
    function checkChange(address token, address account, uint256 balanceBefore, int256 expected) internal view {
        unchecked {
            int256 observed = int256(balanceOf(token, account) - balanceBefore);
            if (observed != expected) revert UnexpectedBalanceChange(token, account, expected, observed);
        }
    }

    /**
     * @notice Moves exactly `amount` from `from`, by its allowance unless it is this contract, to `to`: that much leaves the one
     * and reaches the other, or the call reverts, with NotAToken, TransferFailed or UnexpectedBalanceChange.
     */
    function move(address token, address from, address to, uint256 amount) internal {
        (uint256 fromBefore, uint256 toBefore) = (balanceOf(token, from), balanceOf(token, to));
        bytes memory data =
            from == address(this)
                ? abi.encodeCall(IERC20.transfer, (to, amount))
                : abi.encodeCall(IERC20.transferFrom, (from, to, amount));
        if (!succeeds(token, data, gasleft())) revert TransferFailed(token, from, to, amount);
        int256 change = from == to ? int256(0) : int256(amount);
        checkChange(token, to, toBefore, change);
        unchecked {
            checkChange(token, from, fromBefore, -change);
        }
    }

    /**
     * @notice Sends `amount` to `to`, with at most PUSH_GAS_LIMIT.
     * @dev `to` must not be this contract. What a recipient that is called by its token sends back, or a token does not
     * move, is left, so that neither can stop the call. Reverts with InsufficientGas, and with UnexpectedBalanceChange
     * when the token took more.
     * @return left What did not leave this contract.
     */
    function push(address token, address to, uint256 amount) internal returns (uint256 left) {
        if (amount == 0) return 0;
        uint256 balanceBefore = balanceOf(token, address(this));
        if (gasleft() < REQUIRED_GAS) revert InsufficientGas(gasleft(), REQUIRED_GAS);
        // Whatever it says: the balance tells.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"a9059cbb") // transfer(address,uint256)
            mstore(add(free, 0x04), and(to, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(free, 0x24), amount)
            pop(call(PUSH_GAS_LIMIT, token, 0, free, 0x44, 0x00, 0x00))
        }
        uint256 balanceAfter = balanceOf(token, address(this));
        unchecked {
            uint256 spent = balanceBefore - balanceAfter;
            if (spent == amount) return 0;
            if (balanceAfter >= balanceBefore) return amount;
            if (spent > amount) {
                revert UnexpectedBalanceChange(token, address(this), -int256(amount), -int256(spent));
            }
            return amount - spent;
        }
    }

    /**
     * @notice As `push`, but all or nothing: reverts with UnexpectedBalanceChange when the token took something else.
     * @return settled False when nothing left this contract.
     */
    function tryPush(address token, address to, uint256 amount) internal returns (bool settled) {
        uint256 left = push(token, to, amount);
        if (left != 0 && left != amount) {
            unchecked {
                revert UnexpectedBalanceChange(token, address(this), -int256(amount), -int256(amount - left));
            }
        }
        return left == 0;
    }

    /**
     * @notice Sends exactly `amount` to `to`, with all gas there is, so that no token is too dear to be taken out.
     * @dev For calls that risk nobody's gas but their caller's. `to` must not be this contract. Reverts with TransferFailed
     * when nothing left this contract, with UnexpectedBalanceChange when the token took something else.
     */
    function send(address token, address to, uint256 amount) internal {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        if (!tryMove(token, address(this), amount, data, gasleft())) {
            revert TransferFailed(token, address(this), to, amount);
        }
    }

    /**
     * @notice Asks the token, by `data`, to move `amount` away from `from`, and believes the balance of `from`: the
     * recipient, if its token calls it, may have moved the money on already.
     * @dev Reverts with UnexpectedBalanceChange when the token took something else than all or nothing.
     * @return moved False when nothing left `from`.
     */
    function tryMove(
        address token,
        address from,
        uint256 amount,
        bytes memory data,
        uint256 gasLimit
    ) internal returns (bool moved) {
        uint256 balanceBefore = balanceOf(token, from);
        succeeds(token, data, gasLimit);
        unchecked {
            uint256 spent = balanceBefore - balanceOf(token, from);
            if (spent != amount && spent != 0) {
                revert UnexpectedBalanceChange(token, from, -int256(amount), -int256(spent));
            }
            return spent == amount;
        }
    }

    /**
     * @notice What `account` has of `token`.
     * @dev In assembly, because each pull and push pays for it twice. Reverts with NotAToken when there is no answer.
     */
    function balanceOf(address token, address account) internal view returns (uint256 amount) {
        bool answered;
        assembly ("memory-safe") {
            mstore(0x00, hex"70a08231") // balanceOf(address)
            mstore(0x04, and(account, 0xffffffffffffffffffffffffffffffffffffffff))
            answered := and(gt(returndatasize(), 0x1f), staticcall(gas(), token, 0x00, 0x24, 0x00, 0x20))
            amount := mload(0x00)
        }
        if (!answered) revert NotAToken(token);
    }

    /**
     * @notice Calls the token. True when it did not revert and returned true or nothing.
     * @dev Copies one word of what it returns.
     */
    function succeeds(address token, bytes memory data, uint256 gasLimit) internal returns (bool success) {
        assembly ("memory-safe") {
            mstore(0x00, 1)
            success := call(gasLimit, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            success := and(success, and(eq(mload(0x00), 1), or(iszero(returndatasize()), gt(returndatasize(), 31))))
        }
    }
}
