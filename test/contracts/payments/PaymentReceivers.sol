// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IPaymentReceiver} from "../../../contracts/payments/interfaces/IPaymentReceiver.sol";

/// @notice Remembers the last payment, what it had by then, and answers as it was told.
contract RecordingReceiver is IPaymentReceiver {
    bytes4 public answer = IPaymentReceiver.onPaymentReceived.selector;
    bytes public attack;
    bytes4 public refusal;

    address public caller;
    address public payer;
    address public token;
    uint256 public amount;
    bytes32 public paymentReference;
    bytes public data;
    uint256 public balance;

    function setAnswer(bytes4 answer_) external {
        answer = answer_;
    }

    /// @dev Called back from within a payment.
    function setAttack(bytes calldata attack_) external {
        attack = attack_;
    }

    function onPaymentReceived(
        address payer_,
        address token_,
        uint256 amount_,
        bytes32 paymentReference_,
        bytes calldata data_
    ) external returns (bytes4) {
        (caller, payer, token, amount) = (msg.sender, payer_, token_, amount_);
        (paymentReference, data) = (paymentReference_, data_);
        balance = IERC20(token_).balanceOf(address(this));
        if (attack.length != 0) {
            (bool success, bytes memory reason) = msg.sender.call(attack);
            refusal = success ? bytes4(0) : bytes4(reason);
        }
        return answer;
    }
}

/// @notice Refuses each payment.
contract RefusingReceiver is IPaymentReceiver {
    error NotThisOne(uint256 amount);

    function onPaymentReceived(
        address,
        address,
        uint256 amount,
        bytes32,
        bytes calldata
    ) external pure returns (bytes4) {
        revert NotThisOne(amount);
    }
}
