// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Credits, ICredits} from "../lib/Credits.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IBatchTransfer} from "../payments/interfaces/IBatchTransfer.sol";
import {ICoverPool} from "./interfaces/ICoverPool.sol";

/**
 * @title PoolPayments
 * @notice See `ICoverPool`: how payouts and refunds reach their owners, at once or as credits.
 */
abstract contract PoolPayments is Credits, ICoverPool {
    using PackedPayments for bytes32;
    using PackedPayments for bytes32[];

    /// @dev The vault's asset.
    address private immutable _token;
    bool private immutable _hasNativeBatch;

    uint256 public override totalCredits;

    constructor(address asset_) {
        if (asset_.code.length == 0) revert AssetInvalid(asset_);
        _token = asset_;
        _hasNativeBatch = ERC165Checker.supportsInterface(asset_, type(IBatchTransfer).interfaceId);
    }

    /// @inheritdoc ICredits
    function withdrawCredit(
        address token,
        address account
    ) public override(Credits, ICredits) returns (uint256 amount) {
        amount = super.withdrawCredit(token, account);
        totalCredits -= amount;
    }

    /// @param total The sum of all payments.
    function _payAll(uint256 riskNumber, bytes32[] calldata payments, uint256 total) internal {
        if (_hasNativeBatch) {
            _payBatch(riskNumber, payments, total);
        } else {
            for (uint256 i = 0; i < payments.length; ++i) {
                _payOrCredit(riskNumber, payments[i].recipientOf(), payments[i].amountOf());
            }
        }
    }

    function _payOrCredit(uint256 riskNumber, address payee, uint256 amount) internal {
        if (!TokenTransfer.tryPush(_token, payee, amount)) _addCredit(riskNumber, payee, amount);
    }

    function _payBatch(uint256 riskNumber, bytes32[] calldata payments, uint256 total) private {
        uint256 balanceBefore = IERC20(_token).balanceOf(address(this));
        (, uint256 returned) = IBatchTransfer(_token).transferBatch(payments);
        uint256 settled = total - payments.totalOf(returned);
        _checkSpent(balanceBefore, settled);
        if (returned == 0) return;

        for (uint256 i = 0; i < payments.length; ++i) {
            if ((returned >> i) & 1 == 0) continue;
            _addCredit(riskNumber, payments[i].recipientOf(), payments[i].amountOf());
        }
    }

    function _checkSpent(uint256 balanceBefore, uint256 expected) private view {
        unchecked {
            int256 observed = int256(IERC20(_token).balanceOf(address(this)) - balanceBefore);
            if (observed != -int256(expected)) {
                revert TokenTransfer.UnexpectedBalanceChange(_token, address(this), -int256(expected), observed);
            }
        }
    }

    function _addCredit(uint256 riskNumber, address payee, uint256 amount) private {
        totalCredits += amount;
        _credit(_token, payee, amount, bytes32(riskNumber));
    }
}
