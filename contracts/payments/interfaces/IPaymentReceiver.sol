// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IPaymentReceiver
 * @notice A contract that acts on a payment in the call that brings it: see `IPaymentRouter.payInto`.
 */
interface IPaymentReceiver {
    /**
     * @notice Called by the router after exactly `amount` of `token` arrived from `payer`. To refuse, revert.
     * @dev Warning: anybody can call this, with any values. Believe it only from the router that you know, and check the
     * token: anybody can make one of their own.
     * @param payer Whose money it was; it called the router.
     * @param amount In the token's smallest unit.
     * @param paymentReference As the payer gave it.
     * @param data As the payer gave it; what it means is the receiver's matter.
     * @return This function's selector.
     */
    function onPaymentReceived(
        address payer,
        address token,
        uint256 amount,
        bytes32 paymentReference,
        bytes calldata data
    ) external returns (bytes4);
}
