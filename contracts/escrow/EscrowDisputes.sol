// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrowDisputes} from "./interfaces/IEscrowDisputes.sol";
import {EscrowFunds} from "./EscrowFunds.sol";
import {PackedState} from "./PackedState.sol";

/**
 * @title EscrowDisputes
 * @notice See `IEscrowDisputes`, which documents every function.
 */
abstract contract EscrowDisputes is EscrowFunds {
    /// @inheritdoc IEscrowDisputes
    function openDispute(Terms calldata terms, bytes32 evidenceHash) external nonReentrant {
        _checkParty(terms);
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadOpen(escrowId);
        if (terms.arbiter == address(0)) revert NoArbiter(escrowId);
        if (block.timestamp > terms.captureExpiry) revert CaptureExpired(terms.captureExpiry, block.timestamp);

        uint256 deadline = block.timestamp + terms.rulingPeriodSeconds;
        _store(terms, escrowId, state.disputed(deadline));
        emit DisputeOpened(escrowId, msg.sender, evidenceHash, deadline);
    }

    /// @inheritdoc IEscrowDisputes
    function submitEvidence(Terms calldata terms, bytes32 evidenceHash) external nonReentrant {
        _checkParty(terms);
        bytes32 escrowId = escrowIdOf(terms);
        _checkRulingTime(_loadDisputed(escrowId));

        emit EvidenceSubmitted(escrowId, msg.sender, evidenceHash);
    }

    /// @inheritdoc IEscrowDisputes
    function rule(
        Terms calldata terms,
        uint256 payeeBps,
        bytes32 rulingHash
    ) external nonReentrant returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee) {
        if (msg.sender != terms.arbiter) revert CallerIsNotArbiter(msg.sender, terms.arbiter);
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadDisputed(escrowId);
        _checkRulingTime(state);
        if (payeeBps > BPS) revert PayeeBpsTooHigh(payeeBps, BPS);

        (payeeAmount, payerAmount, fee) = _split(terms, escrowId, state, payeeBps);
        emit DisputeRuled(escrowId, payeeBps, payeeAmount, payerAmount, fee, rulingHash);
        _payBoth(terms, escrowId, payeeAmount, payerAmount, fee);
    }

    /// @inheritdoc IEscrowDisputes
    function resolveByDefault(
        Terms calldata terms
    ) external nonReentrant returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee) {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadDisputed(escrowId);
        if (block.timestamp <= state.rulingDeadline()) {
            revert RulingStillPossible(state.rulingDeadline(), block.timestamp);
        }

        (payeeAmount, payerAmount, fee) = _split(terms, escrowId, state, terms.defaultPayeeBps);
        emit DisputeDefaulted(escrowId, payeeAmount, payerAmount, fee);
        _payBoth(terms, escrowId, payeeAmount, payerAmount, fee);
    }

    function _split(
        Terms calldata terms,
        bytes32 escrowId,
        PackedState state,
        uint256 payeeBps
    ) private returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee) {
        payeeAmount = _share(state.capturable(), payeeBps);
        payerAmount = state.capturable() - payeeAmount;
        fee = _share(payeeAmount, terms.minFeeBps);
        _store(terms, escrowId, state.split(payeeAmount));
    }

    function _checkParty(Terms calldata terms) private view {
        if (msg.sender != terms.payer && msg.sender != terms.payee) {
            revert CallerIsNotParty(msg.sender, terms.payer, terms.payee);
        }
    }

    function _checkRulingTime(PackedState state) private view {
        if (block.timestamp > state.rulingDeadline()) revert RulingExpired(state.rulingDeadline(), block.timestamp);
    }
}
