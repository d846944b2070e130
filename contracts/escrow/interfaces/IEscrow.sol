// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICredits} from "../../lib/ICredits.sol";
import {IPausableEntries} from "../../lib/IPausableEntries.sol";
import {IPaymentReceiver} from "../../payments/interfaces/IPaymentReceiver.sol";
import {IEscrowDisputes} from "./IEscrowDisputes.sol";

/**
 * @title IEscrow
 * @notice Money between payer and payee, by the verbs of card payments: authorize, capture, charge, void, reclaim, refund; with
 * milestones, a hash lock or disputes where the terms say so. Reading order: `IEscrowTerms`, this, `IEscrowDisputes`.
 * @dev An escrow is authorized once, ever. It is open or disputed as long as something is capturable, and closed
 * afterwards; a verb that leaves nothing refundable either, after `authorizationExpiry`, lets it be forgotten. Money leaves it
 * to payee, payer and fee recipient only; who cannot be paid at once gets a credit (`ICredits`). Whoever leaves too little
 * gas to try reverts (`InsufficientGas`).
 *
 * A fee is part of what the payee gets: `amount * feeBps / 10,000`, rounded down. A refund does not bring it back.
 *
 * A pause stops `authorize*`, `charge*` and payments by the router, nothing else: what lets money out always works.
 *
 * Warning: what a plain transfer sends to this contract stays there. Tokens that keep a fee on arrival or lie about it
 * are refused (`UnexpectedBalanceChange`); tokens whose balances change by themselves (rebasing) must not be used.
 */
interface IEscrow is IEscrowDisputes, ICredits, IPausableEntries, IPaymentReceiver {
    enum Status {
        None, // never authorized, or forgotten
        Open, // something is capturable
        Disputed, // something is capturable, the arbiter decides about it
        Closed // nothing is capturable, for ever
    }

    /**
     * @param capturable What is held, in the token's smallest unit.
     * @param refundable What was captured and not refunded.
     * @param rulingDeadline Last second in which the arbiter may rule, Unix seconds; 0 when there was no dispute.
     * @param milestonesLeft How many of the milestones were not captured one by one; a capture of everything leaves it.
     */
    struct State {
        uint96 capturable;
        uint96 refundable;
        uint40 rulingDeadline;
        uint8 milestonesLeft;
        Status status;
    }

    /**
     * @notice What payer and payee agree upon (EIP-712 type `Release`, see `release`).
     * @param payeeAmount What the payee gets, before the fee.
     * @param payerAmount What the payer gets. The two are exactly what is capturable.
     * @param feeBps The fee recipient's part of the payee's, within the terms' bounds, in 1/10,000.
     * @param deadline Last second in which the signatures count, Unix seconds.
     */
    struct Split {
        uint256 payeeAmount;
        uint256 payerAmount;
        uint256 feeBps;
        uint256 deadline;
    }

    event EscrowAuthorized(
        bytes32 indexed escrowId,
        address indexed payer,
        address indexed payee,
        uint256 amount,
        Terms terms
    );
    /// @param amount What left the payer; the payee got it but for the fee.
    event EscrowCharged(
        bytes32 indexed escrowId,
        address indexed payer,
        address indexed payee,
        uint256 amount,
        uint256 fee,
        Terms terms
    );
    /// @notice `operator` may put up to `limit` of the payer's money into escrow at once; 0 means nothing any more.
    event OperatorAuthorized(
        address indexed payer,
        address indexed operator,
        address indexed token,
        uint256 limit,
        uint256 windowSeconds
    );
    /// @notice Nothing will ever be authorized by these terms.
    event AuthorizationCancelled(bytes32 indexed escrowId);
    /// @param amount What left the escrow; the payee got it but for the fee.
    event EscrowCaptured(bytes32 indexed escrowId, uint256 amount, uint256 fee);
    event EscrowCapturedWithPreimage(bytes32 indexed escrowId, bytes32 preimage, uint256 amount, uint256 fee);
    event EscrowVoided(bytes32 indexed escrowId, uint256 amount);
    event EscrowReclaimed(bytes32 indexed escrowId, uint256 amount);
    event EscrowRefunded(bytes32 indexed escrowId, address indexed refundedBy, uint256 amount);
    /// @param payeeAmount With the fee in it.
    event EscrowReleased(bytes32 indexed escrowId, uint256 payeeAmount, uint256 payerAmount, uint256 fee);

    error EscrowIsPaused();
    error EscrowIsNotPaused();
    /// @notice An escrow is authorized, charged or cancelled once.
    error AlreadyAuthorized(bytes32 escrowId, Status status);
    /// @notice Nothing is capturable: it was never authorized, is closed or forgotten.
    error EscrowIsNotOpen(bytes32 escrowId, Status status);
    error EscrowIsDisputed(bytes32 escrowId);
    error EscrowIsNotDisputed(bytes32 escrowId, Status status);
    error CallerIsNotPayer(address caller, address payer);
    error CallerIsNotRouter(address caller, address router);
    /// @notice Only the operator and the payer capture.
    error CallerCannotCapture(address caller, address operator, address payer);
    /// @notice Only the operator and the payee void; in a dispute only the payee.
    error CallerCannotVoid(address caller, address operator, address payee);
    /// @notice Only the operator and the payee refund.
    error CallerCannotRefund(address caller, address operator, address payee);
    /// @notice It could be captured until `captureExpiry` (Unix seconds).
    error CaptureExpired(uint256 captureExpiry, uint256 timestamp);
    /// @notice It may still be captured until `captureExpiry`.
    error CaptureStillPossible(uint256 captureExpiry, uint256 timestamp);
    error RefundExpired(uint256 refundExpiry, uint256 timestamp);
    /// @notice Not `minimum <= feeBps <= maximum`. A capturing payer's maximum is the minimum.
    error FeeOutOfBounds(uint256 feeBps, uint256 minimum, uint256 maximum);
    /// @notice Milestone `index` is about `expected`.
    error MilestoneMismatch(uint256 index, uint256 expected, uint256 observed);
    /// @notice The terms have no hash lock.
    error NoHashLock(bytes32 escrowId);
    /// @notice sha256 of the preimage is `observed`.
    error PreimageMismatch(bytes32 observed, bytes32 hashLock);
    /// @notice The two amounts are not what is capturable.
    error SplitMismatch(uint256 payeeAmount, uint256 payerAmount, uint256 capturable);
    error SignatureExpired(uint256 deadline, uint256 timestamp);
    /// @notice The signature is not one of `signer` over exactly these values, for this contract on this chain.
    error InvalidSignature(address signer);
    /// @notice The router brought another token than the terms are about.
    error TokenMismatch(address observed, address expected);
    /// @notice The payment's reference must be the escrow's id.
    error PaymentReferenceMismatch(bytes32 observed, bytes32 expected);

    /**
     * @notice Takes `amount` from the payer, who calls, by its allowance to this contract, and holds it by the terms.
     * @dev Emits `EscrowAuthorized`. Reverts with `EscrowIsPaused`, `CallerIsNotPayer`, `AlreadyAuthorized`, with the errors
     * of `IEscrowTerms`, `NotAToken`, `TransferFailed`, `UnexpectedBalanceChange`.
     *
     * Warning: payees look at the event's amount and terms before they deliver.
     * @param amount At most the terms' amount, and exactly that with milestones; in the token's smallest unit.
     */
    function authorize(Terms calldata terms, uint256 amount) external;

    /**
     * @notice As `authorize`, by an operator of the payer (`authorizeOperator`) or the payer itself: no signature names the terms.
     * @dev Reverts with `OperatorLimitExceeded` instead of `CallerIsNotPayer`, and only when the terms could be authorized.
     *
     * Warning: the operator chooses the terms, the payee among them; what it can spend of the payer's money is all that binds it.
     */
    function authorizeFor(Terms calldata terms, uint256 amount) external;

    /**
     * @notice As `authorize`, by the payer's EIP-712 signature; anybody may submit it.
     * @dev Type: `Authorization(Terms terms,uint256 amount)` with the terms spelled out, so that a wallet shows them. The
     * payer is an EOA or an ERC-1271 account. Reverts with `InvalidSignature` instead of `CallerIsNotPayer`.
     */
    function authorizeWithSignature(Terms calldata terms, uint256 amount, bytes calldata signature) external;

    /**
     * @notice As `authorize`, with an EIP-2612 permit of the payer for exactly `amount` to this contract.
     * @dev A permit that somebody submitted first, or that the token does not know, does not break it: what counts is the
     * allowance.
     * @param deadline Until when the permit is valid, Unix seconds.
     */
    function authorizeWithPermit(
        Terms calldata terms,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /**
     * @notice As `authorize`, by the payer's EIP-3009 `ReceiveWithAuthorization` to this contract; anybody may submit it.
     * @dev The authorization's nonce is the escrow's id, so that the signature also covers the terms. Reverts with the
     * token's errors instead of `CallerIsNotPayer` and `TransferFailed`.
     * @param validAfter Unix seconds, exclusive.
     * @param validBefore Unix seconds, exclusive.
     */
    function authorizeWithAuthorization(
        Terms calldata terms,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external;

    /**
     * @notice As `authorize`, by `PaymentRouter.payInto` of the payer, so that one allowance serves every domain.
     * @dev Reverts with `CallerIsNotRouter`, `TokenMismatch`, `PaymentReferenceMismatch`; with `CallerIsNotPayer` when
     * the router's caller is another than the terms' payer.
     * @param paymentReference The escrow's id.
     * @param data `abi.encode(terms)`.
     */
    function onPaymentReceived(
        address payer,
        address token,
        uint256 amount,
        bytes32 paymentReference,
        bytes calldata data
    ) external returns (bytes4);

    /**
     * @notice Lets `operator` put the caller's money in `token` into escrow (`authorizeFor`): up to `limit` at once, growing back
     * evenly over `windowSeconds`. The money itself is taken by the caller's allowance to this contract. Each operator has a
     * limit of its own, so all of them together spend the sum. Never paused.
     * @dev The limit starts full. In any time `t` a hostile operator spends at most `limit + limit * t / windowSeconds`. What
     * comes back from an escrow does not grow the limit. Emits `OperatorAuthorized`. Reverts with `WindowInvalid` when `limit`
     * is not 0 and `windowSeconds` is.
     *
     * Warning: an operator that sees a lower limit coming can still spend the old one first.
     * @param limit In the token's smallest unit; 0 revokes the operator.
     */
    function authorizeOperator(address operator, address token, uint96 limit, uint24 windowSeconds) external;

    /**
     * @notice Authorizes and captures at once, by the payer's allowance. By the payer.
     * @dev Emits `EscrowCharged`. Reverts as `authorize` and `capture` do.
     * @param feeBps The terms' `minFeeBps`, see `capture`.
     * @return fee What the fee recipient got.
     */
    function charge(Terms calldata terms, uint256 amount, uint256 feeBps) external returns (uint256 fee);

    /**
     * @notice As `charge`, by the operator with the payer's signature for `authorizeWithSignature`.
     * @dev Reverts as `authorizeWithSignature` and `capture` do.
     */
    function chargeWithSignature(
        Terms calldata terms,
        uint256 amount,
        uint256 feeBps,
        bytes calldata signature
    ) external returns (uint256 fee);

    /**
     * @notice Makes what the payer signed for these terms worthless, as long as nobody has submitted it. By the payer.
     * @dev Emits `AuthorizationCancelled`. Never paused. Reverts with `CallerIsNotPayer`, `AlreadyAuthorized`.
     */
    function cancelAuthorization(Terms calldata terms) external;

    /**
     * @notice Pays `amount` to the payee, once or in parts, until `captureExpiry`. By the operator or the payer; with
     * milestones the next one exactly.
     * @dev The payer may also capture everything that is left, past milestones, and in a dispute (also after
     * `captureExpiry`): it gives in. Emits `EscrowCaptured`. Reverts with `EscrowIsNotOpen`, `CallerCannotCapture`,
     * `EscrowIsDisputed`, `CaptureExpired`, `AmountOutOfBounds`, `MilestoneMismatch`, `FeeOutOfBounds`.
     * @param amount At least 1, at most what is capturable.
     * @param feeBps The fee recipient's part, in 1/10,000: of the operator's choice within the terms' bounds, from the
     * payer `minFeeBps`.
     * @return fee What the fee recipient got.
     */
    function capture(Terms calldata terms, uint256 amount, uint256 feeBps) external returns (uint256 fee);

    /**
     * @notice Pays everything to the payee, until `captureExpiry`, at `minFeeBps`. By anybody who knows the preimage.
     * @dev Emits `EscrowCapturedWithPreimage`. Reverts with `NoHashLock`, `EscrowIsNotOpen`, `CaptureExpired`,
     * `PreimageMismatch`.
     *
     * Warning: whoever sees the preimage can use it. Who relies on it for another leg leaves enough time between the two
     * expiries.
     * @return fee What the fee recipient got.
     */
    function captureWithPreimage(Terms calldata terms, bytes32 preimage) external returns (uint256 fee);

    /**
     * @notice Pays everything that is capturable back to the payer. By the operator or the payee, in a dispute by the
     * payee.
     * @dev Emits `EscrowVoided`. Reverts with `EscrowIsNotOpen`, `CallerCannotVoid`.
     */
    function void(Terms calldata terms) external;

    /**
     * @notice Pays everything that is capturable back to the payer, after `captureExpiry`. By anybody.
     * @dev Emits `EscrowReclaimed`. Reverts with `EscrowIsNotOpen`, `EscrowIsDisputed`, `CaptureStillPossible`.
     */
    function reclaim(Terms calldata terms) external;

    /**
     * @notice Pays captured money back to the payer, out of the caller's allowance to this contract, until
     * `refundExpiry`. By the operator or the payee.
     * @dev Emits `EscrowRefunded`. What leaves the caller is exactly `amount`, once, whatever the payer does with it in the
     * same call. Reverts with `CallerCannotRefund`, `RefundExpired`, `AmountOutOfBounds`, `TransferFailed`,
     * `UnexpectedBalanceChange`.
     * @param amount At least 1, at most what was captured (fees included) and not refunded.
     */
    function refund(Terms calldata terms, uint256 amount) external;

    /**
     * @notice Splits everything that is capturable as payer and payee have signed, whatever the terms say of times,
     * milestones, hash lock and disputes. By anybody.
     * @dev EIP-712 type: `Release(bytes32 escrowId,uint256 payeeAmount,uint256 payerAmount,uint256 feeBps,uint256
     * deadline)`. A capture in between makes the signatures worthless, because the amounts are then not what is
     * capturable. Emits `EscrowReleased`. Reverts with `EscrowIsNotOpen`, `SignatureExpired`, `SplitMismatch`,
     * `FeeOutOfBounds`, `InvalidSignature`.
     * @return fee What the fee recipient got.
     */
    function release(
        Terms calldata terms,
        Split calldata split,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external returns (uint256 fee);

    /**
     * @notice What an operator may put into escrow of the payer's money now, and how that grows back.
     * @return available In the token's smallest unit, rounded down.
     * @return limit The most at once; 0 means that it is no operator.
     * @return windowSeconds In which an empty limit is full again.
     */
    function operatorAllowance(
        address payer,
        address operator,
        address token
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds);

    /// @notice Where the escrow stands.
    function stateOf(bytes32 escrowId) external view returns (State memory);

    /// @notice The PaymentRouter whose payments can fund an escrow.
    function paymentRouter() external view returns (address);
}
