// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/**
 * @title IEscrowTerms
 * @notice What an escrow is about, and which terms are refused. Terms come with every call; their hash is the escrow's id, so
 * that nothing of them is stored and nothing of them can change.
 */
interface IEscrowTerms {
    /**
     * @param payer Whose money it is. Zero addresses below mean none; payer, payee and token must be there.
     * @param payee Who gets what is captured.
     * @param amount The most that may be authorized, in the token's smallest unit.
     * @param operator Who captures, voids and refunds, as an acquirer or marketplace does. Without one the payer captures.
     * @param authorizationExpiry Last second in which money may be taken from the payer, Unix seconds.
     * @param captureExpiry Last second in which it may be captured; afterwards it may be reclaimed for the payer.
     * @param refundExpiry Last second in which captured money may be refunded.
     * @param minFeeBps The least part of what the payee gets that goes to the fee recipient, in 1/10,000.
     * @param maxFeeBps The most.
     * @param arbiter Who rules disputes.
     * @param rulingPeriodSeconds How long the arbiter has from the opening of a dispute on; at most 365 days.
     * @param defaultPayeeBps The payee's part when the arbiter stays silent, in 1/10,000.
     * @param hashLock sha256 of the 32 bytes that capture everything. Excludes operator, arbiter and milestones.
     * @param salt Tells apart escrows that are otherwise the same.
     * @param milestones The amounts to capture, one after the other; at most 32, and their sum is `amount`.
     */
    struct Terms {
        address payer;
        address payee;
        address token;
        uint96 amount;
        address operator;
        uint40 authorizationExpiry;
        uint40 captureExpiry;
        uint40 refundExpiry;
        uint16 minFeeBps;
        uint16 maxFeeBps;
        address feeRecipient;
        address arbiter;
        uint32 rulingPeriodSeconds;
        uint16 defaultPayeeBps;
        bytes32 hashLock;
        uint256 salt;
        uint96[] milestones;
    }

    /// @notice The payer is nobody, or somebody who could not be paid back: the escrow, the router, the token.
    error PayerInvalid(address payer);
    /// @notice The payee is nobody, the payer, or somebody who could not be paid: the escrow, the router, the token.
    error PayeeInvalid(address payee);
    /// @notice The escrow is no token.
    error TokenInvalid(address token);
    /// @notice The operator is the escrow or a party. A payer needs no such right, a payee must not capture by itself.
    error OperatorInvalid(address operator);
    /// @notice The fee recipient could not be paid: the escrow, the router, the token.
    error FeeRecipientInvalid(address feeRecipient);
    /// @notice There is a fee without a recipient, or a recipient without a fee.
    error FeeRecipientMismatch(address feeRecipient, uint256 maxFeeBps);
    /// @notice Not `minFeeBps <= maxFeeBps <= maximum`.
    error FeeBoundsInvalid(uint256 minFeeBps, uint256 maxFeeBps, uint256 maximum);
    /// @notice Not `authorizationExpiry <= captureExpiry <= refundExpiry`.
    error ExpiriesNotOrdered(uint256 authorizationExpiry, uint256 captureExpiry, uint256 refundExpiry);
    /// @notice It is `timestamp`, and money could be taken from the payer until `authorizationExpiry` (Unix seconds).
    error AuthorizationExpired(uint256 authorizationExpiry, uint256 timestamp);
    /// @notice The arbiter is the escrow or a party.
    error ArbiterInvalid(address arbiter);
    /// @notice There is an arbiter without time to rule, or what only an arbiter needs without one.
    error DisputeTermsMismatch(address arbiter, uint256 rulingPeriodSeconds, uint256 defaultPayeeBps);
    error RulingPeriodTooLong(uint256 rulingPeriodSeconds, uint256 maximum);
    /// @notice A part of more than the whole.
    error PayeeBpsTooHigh(uint256 payeeBps, uint256 maximum);
    /// @notice Only who knows the preimage may decide about a hash-locked escrow: no operator, arbiter or milestones.
    error HashLockNotAlone(address operator, address arbiter, uint256 milestones);
    error TooManyMilestones(uint256 count, uint256 maximum);
    error MilestoneIsZero(uint256 index);
    error MilestonesSumMismatch(uint256 sum, uint256 amount);
    /// @notice Not `minimum <= amount <= maximum`.
    error AmountOutOfBounds(uint256 amount, uint256 minimum, uint256 maximum);

    /**
     * @notice The id of the escrow with these terms: their EIP-712 digest for this contract and the chain id with which it
     * was deployed. A chain that splits and takes another id changes no escrow's; signatures are for the chain id as it is.
     */
    function escrowIdOf(Terms calldata terms) external view returns (bytes32);
}
