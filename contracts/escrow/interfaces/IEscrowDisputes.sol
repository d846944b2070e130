// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrowTerms} from "./IEscrowTerms.sol";

/**
 * @title IEscrowDisputes
 * @notice When payer and payee do not agree about what is still capturable, the arbiter splits it; if it stays silent, the
 * terms do. While a dispute runs nothing is captured and nothing reclaimed; the payee may still give in (`void`), the payer
 * too (`capture` of everything), and both may agree (`release`).
 * @dev The payee's part is rounded down and pays the terms' `minFeeBps`; the payer gets the rest. Never paused.
 */
interface IEscrowDisputes is IEscrowTerms {
    /// @param rulingDeadline Last second in which the arbiter may rule, Unix seconds.
    event DisputeOpened(
        bytes32 indexed escrowId,
        address indexed openedBy,
        bytes32 evidenceHash,
        uint256 rulingDeadline
    );
    event EvidenceSubmitted(bytes32 indexed escrowId, address indexed submittedBy, bytes32 evidenceHash);
    /// @param payeeAmount With the fee in it.
    event DisputeRuled(
        bytes32 indexed escrowId,
        uint256 payeeBps,
        uint256 payeeAmount,
        uint256 payerAmount,
        uint256 fee,
        bytes32 rulingHash
    );
    /// @notice The arbiter stayed silent.
    event DisputeDefaulted(bytes32 indexed escrowId, uint256 payeeAmount, uint256 payerAmount, uint256 fee);

    /// @notice The terms have no arbiter.
    error NoArbiter(bytes32 escrowId);
    /// @notice Only payer and payee dispute.
    error CallerIsNotParty(address caller, address payer, address payee);
    error CallerIsNotArbiter(address caller, address arbiter);
    /// @notice The arbiter could rule until `rulingDeadline`.
    error RulingExpired(uint256 rulingDeadline, uint256 timestamp);
    /// @notice The arbiter may still rule until `rulingDeadline`.
    error RulingStillPossible(uint256 rulingDeadline, uint256 timestamp);

    /**
     * @notice Stops captures until the arbiter rules, at most `rulingPeriodSeconds`. By payer or payee, until
     * `captureExpiry`.
     * @dev Emits `DisputeOpened`. Reverts with `CallerIsNotParty`, `NoArbiter`, `EscrowIsNotOpen`, `EscrowIsDisputed`,
     * `CaptureExpired`.
     * @param evidenceHash Hash of what the caller brings forward; 0 for nothing.
     */
    function openDispute(Terms calldata terms, bytes32 evidenceHash) external;

    /**
     * @notice Brings something forward in an open dispute. By payer or payee, as long as the arbiter may rule.
     * @dev Emits `EvidenceSubmitted`. Reverts with `CallerIsNotParty`, `EscrowIsNotDisputed`, `RulingExpired`.
     */
    function submitEvidence(Terms calldata terms, bytes32 evidenceHash) external;

    /**
     * @notice Splits what is capturable. By the arbiter, until the ruling deadline.
     * @dev Emits `DisputeRuled`. Reverts with `CallerIsNotArbiter`, `EscrowIsNotDisputed`, `RulingExpired`,
     * `PayeeBpsTooHigh`.
     * @param payeeBps The payee's part in 1/10,000.
     * @param rulingHash Hash of the reasons; 0 for none.
     * @return payeeAmount The payee's part, rounded down, before the fee.
     * @return payerAmount The rest.
     * @return fee What the fee recipient gets of the payee's part, rounded down.
     */
    function rule(
        Terms calldata terms,
        uint256 payeeBps,
        bytes32 rulingHash
    ) external returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee);

    /**
     * @notice Splits what is capturable by the terms' `defaultPayeeBps`. By anybody, after the ruling deadline.
     * @dev Emits `DisputeDefaulted`. Reverts with `EscrowIsNotDisputed`, `RulingStillPossible`.
     */
    function resolveByDefault(
        Terms calldata terms
    ) external returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee);
}
