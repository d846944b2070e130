// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPausableEntries} from "../../lib/IPausableEntries.sol";

/**
 * @title IPaymentRouter
 * @notice Payments with a reference, and batches of payments in which each payment of a payer takes effect exactly once.
 * @dev The router never holds money between calls and has no owner's way to move it. It works with any ERC-20;
 * batches of a token with `IBatchTransfer` cost far less. A token whose balances do not change by what was
 * asked (fee on transfer, a lying one) is refused with `UnexpectedBalanceChange`.
 *
 * A packed payment is one word: the recipient in the upper 20 bytes, the amount (uint96, smallest unit) in the lower 12.
 *
 * A pause stops `pay*` and `settle*`, nothing else: operators can always be revoked and sequences cancelled.
 */
interface IPaymentRouter is IPausableEntries {
    event PaymentSettled(
        address indexed payer,
        address indexed recipient,
        bytes32 indexed paymentReference,
        address token,
        uint256 amount
    );
    /**
     * @notice The batch took effect; comes after the token's `Transfer` events of the batch.
     * @param count The number of payments: the sequences `firstSequence` to `firstSequence + count - 1` are used.
     * @param amount What left the payer, in the token's smallest unit (returned payments are not in it).
     * @param commitment keccak256 of the packed payments, one after the other.
     * @param operator Who submitted the batch.
     */
    event BatchSettled(
        address indexed payer,
        address indexed token,
        uint256 indexed firstSequence,
        uint256 count,
        uint256 amount,
        bytes32 commitment,
        address operator
    );
    /// @notice The payment's recipient could not receive; the money never left the payer, the sequence is used. With a token that
    /// has no batch transfer of its own also when the token moves nothing of the payer's at all, as while it is paused.
    event PaymentReturned(
        address indexed payer,
        uint256 indexed sequence,
        address indexed recipient,
        address token,
        uint256 amount
    );
    event OperatorAuthorized(
        address indexed payer,
        address indexed operator,
        address indexed token,
        uint96 limit,
        uint24 windowSeconds
    );
    event SequencesCancelled(address indexed payer, uint256 firstSequence, uint256 count);

    error RouterIsPaused();
    error RouterIsNotPaused();
    /// @notice The payer's payment with this sequence was settled, returned or cancelled before.
    error SequenceAlreadyUsed(address payer, uint256 sequence);
    /// @notice There is no sequence in the range, or it goes beyond 2^256 - 1.
    error SequenceRangeInvalid(uint256 firstSequence, uint256 count);
    /// @notice A batch has no payments, or more than `maximum`.
    error BatchSizeInvalid(uint256 count, uint256 maximum);
    /// @notice Nothing is paid by the payment with this index, 0 for a single one: no event may tell of a payment that is none.
    error AmountIsZero(uint256 index);
    /// @notice The operator may settle `available` now for this payer and token, and wants `requested`.
    error OperatorLimitExceeded(address payer, address operator, address token, uint256 available, uint256 requested);
    /// @notice It is `timestamp`, and the signature was valid until `deadline` (Unix seconds).
    error SignatureExpired(uint256 deadline, uint256 timestamp);
    /// @notice The signature is not one of `signer` over exactly this batch, for this contract on this chain.
    error InvalidSignature(address signer);
    /// @notice The payer's balance and allowance cover `available`, and the batch needs `required`.
    error PayerCannotCover(address token, address payer, uint256 available, uint256 required);
    /// @notice The router cannot be paid: nobody could take the money out again. `payInto` does not pay the caller either: it
    /// would tell it of money that it had before.
    error RecipientInvalid(address recipient);
    /// @notice `payInto` pays contracts only.
    error ReceiverHasNoCode(address receiver);
    /// @notice The receiver did not answer as `IPaymentReceiver` says.
    error PaymentNotAccepted(address receiver, bytes4 expected, bytes4 observed);
    /// @notice Only the router itself.
    error CallerIsNotRouter(address caller, address router);

    /**
     * @notice Pays `amount` of `token` from the caller to `recipient`, out of the allowance given to the router.
     * @dev Emits `PaymentSettled`. Reverts with `RouterIsPaused`, `RecipientInvalid`, `AmountIsZero`, and with `NotAToken`, `TransferFailed`,
     * `UnexpectedBalanceChange` (see `TokenTransfer`) unless exactly `amount` leaves the payer and reaches the recipient.
     *
     * Warning: whoever reads `PaymentSettled` must check the token: anybody can pay in a token of their own making.
     * @param amount In the token's smallest unit, at least 1.
     * @param paymentReference What the recipient books the payment by, for example a hash of the invoice.
     */
    function pay(address token, address recipient, uint256 amount, bytes32 paymentReference) external;

    /**
     * @notice As `pay`, to a contract that acts on the payment in the same call: `receiver.onPaymentReceived` is called once
     * the money is there. One allowance to the router so serves every contract that takes payments.
     * @dev Emits `PaymentSettled` before the receiver acts. Reverts as `pay` does, with `RecipientInvalid` also when the
     * receiver is the caller, with `ReceiverHasNoCode`, `PaymentNotAccepted`, and with whatever the receiver reverts with. The receiver cannot call the router meanwhile.
     * @param data What the receiver asks for, for an escrow its encoded terms.
     */
    function payInto(
        address token,
        address receiver,
        uint256 amount,
        bytes32 paymentReference,
        bytes calldata data
    ) external;

    /**
     * @notice As `pay`, with an EIP-2612 permit of the caller for exactly `amount` to the router.
     * @dev A permit that somebody submitted first, or that the token does not know, does not break the payment: what
     * counts is the allowance.
     * @param deadline Until when the permit is valid, Unix seconds.
     */
    function payWithPermit(
        address token,
        address recipient,
        uint256 amount,
        bytes32 paymentReference,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /**
     * @notice As `pay`, from `payer` by its EIP-3009 `ReceiveWithAuthorization` to the router; anybody may submit it.
     * @dev The authorization's nonce is `authorizationNonce(recipient, paymentReference, salt)`, so that the signature
     * also covers whom the money is for. Reverts as `pay` does and with the token's errors.
     * @param validAfter Unix seconds, exclusive.
     * @param validBefore Unix seconds, exclusive.
     * @param salt Chosen by the payer, so that the same payment can be made again.
     */
    function payWithAuthorization(
        address token,
        address payer,
        address recipient,
        uint256 amount,
        bytes32 paymentReference,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external;

    /// @notice keccak256(abi.encode(recipient, paymentReference, salt)): the nonce for `payWithAuthorization`.
    function authorizationNonce(
        address recipient,
        bytes32 paymentReference,
        bytes32 salt
    ) external pure returns (bytes32);

    /**
     * @notice Settles a batch of `payer`, by an operator within the limit that the payer gave it for the token.
     * @dev Payment `i` has the sequence `firstSequence + i`. If one of the sequences was used before, nothing happens
     * (`SequenceAlreadyUsed`). A payment whose recipient cannot receive does not stop the batch: it is returned
     * (`PaymentReturned`), its sequence is used, the money stays with the payer and within the operator's limit.
     *
     * Reverts with `RouterIsPaused`, `BatchSizeInvalid` unless there are 1 to 256 payments, `SequenceRangeInvalid`,
     * `AmountIsZero`, `SequenceAlreadyUsed`, `OperatorLimitExceeded`, `NotAToken`, `RecipientInvalid` when the router itself would be paid,
     * `UnexpectedBalanceChange` and the errors of the token's `transferFromBatch`; for a token without it with
     * `PayerCannotCover`, and `InsufficientGas` when less is left than each transfer may cost (see `TokenTransfer`).
     *
     * Of a token without native batches a payment is returned, too, whose token or recipient makes it anything else than
     * `amount` from the payer to the recipient: one that keeps a fee, or calls a recipient who moves money on at once.
     * @param payments Packed payments.
     * @return settledAmount What left the payer, in the token's smallest unit.
     * @return returned Bit `i` is set when payment `i` was returned.
     */
    function settleBatch(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments
    ) external returns (uint256 settledAmount, uint256 returned);

    /**
     * @notice As `settleBatch`, by the payer's EIP-712 signature over the very batch; anybody may submit it.
     * @dev Type: `SettleBatch(address payer,address token,uint256 firstSequence,bytes32[] payments,uint256 deadline)`.
     * The payer is an EOA or an ERC-1271 account. Reverts with `SignatureExpired`, `InvalidSignature` instead of
     * `OperatorLimitExceeded`. Cancelling its sequences makes a signature worthless.
     * @param deadline Last second in which the signature counts, Unix seconds.
     */
    function settleBatchWithSignature(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint256 settledAmount, uint256 returned);

    /**
     * @notice Lets `operator` settle batches of the caller in `token`: up to `limit` at once, growing back evenly
     * over `windowSeconds`.
     * @dev The limit starts full. In any time `t` a hostile operator spends at most
     * `limit + limit * t / windowSeconds`. Reverts with `WindowInvalid` when `limit` is not 0 and `windowSeconds` is.
     *
     * Warning: an operator that sees a lower limit coming can still spend the old one first.
     * @param limit In the token's smallest unit; 0 revokes the operator.
     */
    function authorizeOperator(address operator, address token, uint96 limit, uint24 windowSeconds) external;

    /**
     * @notice Uses up `count` sequences of the caller from `firstSequence` on, so that nothing can settle under them.
     * @dev Sequences that were used before stay used; nobody can block the cancelling of the others by settling one.
     * Costs about 22,000 gas for each started 256. Reverts with `SequenceRangeInvalid`.
     */
    function cancelSequences(uint256 firstSequence, uint256 count) external;

    /// @notice True when the payer's payment with this sequence was settled, returned or cancelled.
    function isSequenceUsed(address payer, uint256 sequence) external view returns (bool);

    /**
     * @notice What an operator may settle now and how its limit grows back.
     * @return available What it may settle now, in the token's smallest unit, rounded down.
     * @return limit The most it may settle at once; 0 means that it is no operator.
     * @return windowSeconds The time in which an empty limit is full again, in seconds.
     */
    function operatorAllowance(
        address payer,
        address operator,
        address token
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds);

    /**
     * @notice One payment of a batch, all of it or nothing. By the router itself, which so can take back what a token or a
     * recipient did with it.
     * @dev Reverts with `CallerIsNotRouter`, and as `pay` does for what the token does.
     */
    function transferExactly(address token, address payer, address recipient, uint256 amount) external;
}
