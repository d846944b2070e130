// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Credits} from "../lib/Credits.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {EscrowTerms} from "./EscrowTerms.sol";
import {PackedState} from "./PackedState.sol";

/**
 * @title EscrowFunds
 * @notice What each escrow holds, and how it is paid out. See `IEscrow`.
 */
abstract contract EscrowFunds is EscrowTerms, Credits {
    mapping(bytes32 escrowId => PackedState state) private _states;

    /// @inheritdoc IEscrow
    function stateOf(bytes32 escrowId) external view returns (State memory) {
        PackedState state = _states[escrowId];
        return
            State({
                capturable: uint96(state.capturable()),
                refundable: uint96(state.refundable()),
                rulingDeadline: uint40(state.rulingDeadline()),
                milestonesLeft: uint8(state.milestonesLeft()),
                status: state.status()
            });
    }

    function _load(bytes32 escrowId) internal view returns (PackedState) {
        return _states[escrowId];
    }

    /// @dev The state of an escrow in which something is capturable.
    function _loadFunded(bytes32 escrowId) internal view returns (PackedState state) {
        state = _states[escrowId];
        if (state.capturable() == 0) revert EscrowIsNotOpen(escrowId, state.status());
    }

    /// @dev The state of an escrow in which something is capturable and nothing disputed.
    function _loadOpen(bytes32 escrowId) internal view returns (PackedState state) {
        state = _loadFunded(escrowId);
        if (state.isDisputed()) revert EscrowIsDisputed(escrowId);
    }

    function _loadDisputed(bytes32 escrowId) internal view returns (PackedState state) {
        state = _states[escrowId];
        if (!state.isDisputed()) revert EscrowIsNotDisputed(escrowId, state.status());
    }

    /**
     * @dev What is spent need not be remembered once its terms cannot be authorized again: the slot is given back, for a
     * refund of gas.
     */
    function _store(Terms calldata terms, bytes32 escrowId, PackedState state) internal {
        if (state.isSpent() && block.timestamp > terms.authorizationExpiry) state = PackedState.wrap(0);
        _states[escrowId] = state;
    }

    /// @dev Pays the payee `payeeAmount` but for `fee`, which goes to the fee recipient and is at most that much.
    function _payPayee(Terms calldata terms, bytes32 escrowId, uint256 payeeAmount, uint256 fee) internal {
        address token = terms.token;
        if (fee != 0) {
            _pushOrCredit(token, terms.feeRecipient, fee, escrowId);
            unchecked {
                payeeAmount -= fee;
            }
        }
        _pushOrCredit(token, terms.payee, payeeAmount, escrowId);
    }

    function _payPayer(Terms calldata terms, bytes32 escrowId, uint256 amount) internal {
        _pushOrCredit(terms.token, terms.payer, amount, escrowId);
    }

    /**
     * @dev Pays the payer out of the caller's allowance: straight if the token lets it, by a credit if not. What left the
     * caller tells, not what the payer has: a payer that its token calls may have passed the money on already, and must not
     * be paid again.
     */
    function _refundPayer(Terms calldata terms, bytes32 escrowId, uint256 amount) internal {
        (address token, address payer) = (terms.token, terms.payer);
        if (gasleft() < TokenTransfer.REQUIRED_GAS) {
            revert TokenTransfer.InsufficientGas(gasleft(), TokenTransfer.REQUIRED_GAS);
        }
        bytes memory data = abi.encodeCall(IERC20.transferFrom, (msg.sender, payer, amount));
        if (TokenTransfer.tryMove(token, msg.sender, amount, data, TokenTransfer.PUSH_GAS_LIMIT)) return;
        TokenTransfer.pull(token, msg.sender, amount);
        _credit(token, payer, amount, escrowId);
    }

    function _payBoth(
        Terms calldata terms,
        bytes32 escrowId,
        uint256 payeeAmount,
        uint256 payerAmount,
        uint256 fee
    ) internal {
        _payPayee(terms, escrowId, payeeAmount, fee);
        _payPayer(terms, escrowId, payerAmount);
    }

    /// @dev Rounded down. `amount` is a uint96, `bps` at most BPS.
    function _share(uint256 amount, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return (amount * bps) / BPS;
        }
    }
}
