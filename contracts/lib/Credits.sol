// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICredits} from "./ICredits.sol";
import {TokenTransfer} from "./TokenTransfer.sol";

/**
 * @title Credits
 * @notice See `ICredits`, which documents every function.
 */
abstract contract Credits is ICredits, ReentrancyGuardTransient {
    mapping(address account => mapping(address token => uint256 amount)) public override creditOf;

    /// @inheritdoc ICredits
    function withdrawCredit(address token, address account) public virtual nonReentrant returns (uint256 amount) {
        amount = creditOf[account][token];
        if (amount == 0) revert NoCredit(account, token);
        creditOf[account][token] = 0;
        TokenTransfer.send(token, account, amount);
        emit CreditWithdrawn(account, token, amount);
    }

    /// @dev Pays `account`, at once as far as its token lets it, by a credit if not. `id` is the matter it belongs to.
    function _pushOrCredit(address token, address account, uint256 amount, bytes32 id) internal {
        uint256 left = TokenTransfer.push(token, account, amount);
        if (left != 0) _credit(token, account, left, id);
    }

    function _credit(address token, address account, uint256 amount, bytes32 id) internal {
        creditOf[account][token] += amount;
        emit CreditAdded(account, id, token, amount);
    }
}
