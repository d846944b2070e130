// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {PausableEntries} from "../lib/PausableEntries.sol";
import {SequenceBitmap} from "../lib/SequenceBitmap.sol";
import {Signatures} from "../lib/Signatures.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IBatchTransfer} from "./interfaces/IBatchTransfer.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IPaymentReceiver} from "./interfaces/IPaymentReceiver.sol";
import {IPaymentRouter} from "./interfaces/IPaymentRouter.sol";

/**
 * @title PaymentRouter
 * @notice See `IPaymentRouter`, which documents every function.
 */
contract PaymentRouter is IPaymentRouter, PausableEntries, EIP712, ReentrancyGuardTransient {
    using PackedPayments for bytes32;
    using PackedPayments for bytes32[];
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using TokenBucket for TokenBucket.Bucket;

    bytes32 public constant SETTLE_BATCH_TYPEHASH = keccak256(
        "SettleBatch(address payer,address token,uint256 firstSequence,bytes32[] payments,uint256 deadline)"
    );

    mapping(address payer => SequenceBitmap.Bitmap used) private _sequences;
    mapping(address payer => mapping(address operator => mapping(address token => TokenBucket.Bucket limit)))
        private _operators;

    constructor(address authority) AccessManaged(authority) EIP712("Corridor PaymentRouter", "1") {}

    // Single payments

    /// @inheritdoc IPaymentRouter
    function pay(
        address token,
        address recipient,
        uint256 amount,
        bytes32 paymentReference
    ) external whenNotPaused nonReentrant {
        _pay(token, recipient, amount, paymentReference);
    }

    /// @inheritdoc IPaymentRouter
    function payInto(
        address token,
        address receiver,
        uint256 amount,
        bytes32 paymentReference,
        bytes calldata data
    ) external whenNotPaused nonReentrant {
        if (receiver.code.length == 0) revert ReceiverHasNoCode(receiver);
        // It would be told of money that it had before.
        if (receiver == msg.sender) revert RecipientInvalid(receiver);
        _pay(token, receiver, amount, paymentReference);
        bytes4 expected = IPaymentReceiver.onPaymentReceived.selector;
        bytes4 observed = IPaymentReceiver(receiver).onPaymentReceived(
            msg.sender,
            token,
            amount,
            paymentReference,
            data
        );
        if (observed != expected) revert PaymentNotAccepted(receiver, expected, observed);
    }

    /// @inheritdoc IPaymentRouter
    function payWithPermit(
        address token,
        address recipient,
        uint256 amount,
        bytes32 paymentReference,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external whenNotPaused nonReentrant {
        if (token.code.length == 0) revert TokenTransfer.NotAToken(token);
        // Whether the permit came through here or somebody submitted it first: the allowance decides.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _pay(token, recipient, amount, paymentReference);
    }

    /// @inheritdoc IPaymentRouter
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
    ) external whenNotPaused nonReentrant {
        _checkPayment(recipient, amount);
        bytes32 nonce = authorizationNonce(recipient, paymentReference, salt);
        _receive(token, payer, amount, validAfter, validBefore, nonce, signature);
        TokenTransfer.move(token, address(this), recipient, amount);
        emit PaymentSettled(payer, recipient, paymentReference, token, amount);
    }

    /// @inheritdoc IPaymentRouter
    function authorizationNonce(
        address recipient,
        bytes32 paymentReference,
        bytes32 salt
    ) public pure returns (bytes32) {
        return keccak256(abi.encode(recipient, paymentReference, salt));
    }

    // Batches

    /// @inheritdoc IPaymentRouter
    function settleBatch(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments
    ) external whenNotPaused nonReentrant returns (uint256 settledAmount, uint256 returned) {
        _checkSize(payments);
        uint256 total = _total(payments);
        TokenBucket.Bucket storage limit = _operators[payer][msg.sender][token];
        (bool spent, uint256 available) = limit.trySpend(total);
        if (!spent) revert OperatorLimitExceeded(payer, msg.sender, token, available, total);

        (settledAmount, returned) = _settle(payer, token, firstSequence, payments, total, payments.commitment());
        if (settledAmount != total) limit.restore(total - settledAmount);
    }

    /// @inheritdoc IPaymentRouter
    function settleBatchWithSignature(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments,
        uint256 deadline,
        bytes calldata signature
    ) external whenNotPaused nonReentrant returns (uint256 settledAmount, uint256 returned) {
        _checkSize(payments);
        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);
        bytes32 commitment = payments.commitment();
        bytes32 structHash = keccak256(
            abi.encode(SETTLE_BATCH_TYPEHASH, payer, token, firstSequence, commitment, deadline)
        );
        if (!Signatures.isValid(payer, _hashTypedDataV4(structHash), signature)) revert InvalidSignature(payer);

        return _settle(payer, token, firstSequence, payments, _total(payments), commitment);
    }

    /// @inheritdoc IPaymentRouter
    function authorizeOperator(address operator, address token, uint96 limit, uint24 windowSeconds) external {
        _operators[msg.sender][operator][token].configure(limit, windowSeconds);
        emit OperatorAuthorized(msg.sender, operator, token, limit, windowSeconds);
    }

    /// @inheritdoc IPaymentRouter
    function cancelSequences(uint256 firstSequence, uint256 count) external {
        _checkRange(firstSequence, count);
        _sequences[msg.sender].use(firstSequence, count);
        emit SequencesCancelled(msg.sender, firstSequence, count);
    }

    /// @inheritdoc IPaymentRouter
    function isSequenceUsed(address payer, uint256 sequence) external view returns (bool) {
        return _sequences[payer].isUsed(sequence);
    }

    /// @inheritdoc IPaymentRouter
    function operatorAllowance(
        address payer,
        address operator,
        address token
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds) {
        TokenBucket.Bucket storage bucket = _operators[payer][operator][token];
        return (bucket.available(), bucket.capacity, bucket.windowSeconds);
    }

    /// @inheritdoc IPaymentRouter
    function transferExactly(address token, address payer, address recipient, uint256 amount) external {
        if (msg.sender != address(this)) revert CallerIsNotRouter(msg.sender, address(this));
        TokenTransfer.move(token, payer, recipient, amount);
    }

    // How a payment moves

    function _pay(address token, address recipient, uint256 amount, bytes32 paymentReference) private {
        _checkPayment(recipient, amount);
        TokenTransfer.move(token, msg.sender, recipient, amount);
        emit PaymentSettled(msg.sender, recipient, paymentReference, token, amount);
    }

    function _receive(
        address token,
        address payer,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) private {
        uint256 balanceBefore = TokenTransfer.balanceOf(token, address(this));
        IERC3009(token).receiveWithAuthorization(
            payer,
            address(this),
            amount,
            validAfter,
            validBefore,
            nonce,
            signature
        );
        TokenTransfer.checkChange(token, address(this), balanceBefore, int256(amount));
    }

    function _settle(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments,
        uint256 total,
        bytes32 commitment
    ) private returns (uint256 settledAmount, uint256 returned) {
        _checkRange(firstSequence, payments.length);
        (bool clashed, uint256 clash) = _sequences[payer].use(firstSequence, payments.length);
        if (clashed) revert SequenceAlreadyUsed(payer, clash);

        (settledAmount, returned) = _hasNativeBatch(token)
            ? _transferAtOnce(token, payer, payments, total)
            : _transferOneByOne(token, payer, payments, total);
        if (returned != 0) _reportReturned(payer, token, firstSequence, payments, returned);
        emit BatchSettled(payer, token, firstSequence, payments.length, settledAmount, commitment, msg.sender);
    }

    /// @dev What the token says it moved must be what it was asked for, and what balances show.
    function _transferAtOnce(
        address token,
        address payer,
        bytes32[] calldata payments,
        uint256 total
    ) private returns (uint256 settledAmount, uint256 returned) {
        uint256 ownBefore = TokenTransfer.balanceOf(token, address(this));
        uint256 balanceBefore = TokenTransfer.balanceOf(token, payer);
        (settledAmount, returned) = IBatchTransfer(token).transferFromBatch(payer, payments);
        if (TokenTransfer.balanceOf(token, address(this)) != ownBefore) revert RecipientInvalid(address(this));
        uint256 expected = returned == 0 ? total : total - payments.totalOf(returned);
        if (settledAmount != expected) {
            revert TokenTransfer.UnexpectedBalanceChange(token, payer, -int256(expected), -int256(settledAmount));
        }
        unchecked {
            if (balanceBefore - TokenTransfer.balanceOf(token, payer) == settledAmount)
                return (settledAmount, returned);
        }
        // Only what the payer pays to itself may make a difference between the two.
        int256 change = int256(payments.totalTo(payer)) - int256(settledAmount);
        TokenTransfer.checkChange(token, payer, balanceBefore, change);
    }

    /// @dev For any other ERC-20. One recipient that cannot receive does not stop the others.
    function _transferOneByOne(
        address token,
        address payer,
        bytes32[] calldata payments,
        uint256 total
    ) private returns (uint256 settledAmount, uint256 returned) {
        uint256 balance = TokenTransfer.balanceOf(token, payer);
        uint256 available = Math.min(balance, IERC20(token).allowance(payer, address(this)));
        if (available < total) revert PayerCannotCover(token, payer, available, total);

        for (uint256 i = 0; i < payments.length; ++i) {
            (address recipient, uint256 amount) = (payments[i].recipientOf(), payments[i].amountOf());
            _checkRecipient(recipient);
            // The transfer and what it is judged by get the same gas whoever submits the batch: nobody can starve one.
            if (gasleft() < TokenTransfer.REQUIRED_GAS) {
                revert TokenTransfer.InsufficientGas(gasleft(), TokenTransfer.REQUIRED_GAS);
            }
            try this.transferExactly{gas: TokenTransfer.PUSH_GAS_LIMIT}(token, payer, recipient, amount) {
                settledAmount += amount;
            } catch {
                returned |= 1 << i;
            }
        }
    }

    function _reportReturned(
        address payer,
        address token,
        uint256 firstSequence,
        bytes32[] calldata payments,
        uint256 returned
    ) private {
        for (uint256 i = 0; i < payments.length; ++i) {
            if ((returned >> i) & 1 == 0) continue;
            address recipient = payments[i].recipientOf();
            uint256 amount = payments[i].amountOf();
            emit PaymentReturned(payer, firstSequence + i, recipient, token, amount);
        }
    }

    /// @dev A token that answers wrongly here is caught by the balance checks on either way.
    function _hasNativeBatch(address token) private view returns (bool) {
        return ERC165Checker.supportsERC165InterfaceUnchecked(token, type(IBatchTransfer).interfaceId);
    }

    // Checks

    function _revertPaused() internal pure override {
        revert RouterIsPaused();
    }

    function _revertNotPaused() internal pure override {
        revert RouterIsNotPaused();
    }

    /// @dev Nobody could take out again what the router was paid.
    function _checkRecipient(address recipient) private view {
        if (recipient == address(this)) revert RecipientInvalid(recipient);
    }

    function _checkPayment(address recipient, uint256 amount) private view {
        _checkRecipient(recipient);
        if (amount == 0) revert AmountIsZero(0);
    }

    /// @dev Of payments that are all of something.
    function _total(bytes32[] calldata payments) private pure returns (uint256 total) {
        uint256 count;
        (total, count) = payments.totalUpToZero();
        if (count != payments.length) revert AmountIsZero(count);
    }

    function _checkSize(bytes32[] calldata payments) private pure {
        if (!payments.isBatch()) revert BatchSizeInvalid(payments.length, PackedPayments.MAX_BATCH);
    }

    function _checkRange(uint256 firstSequence, uint256 count) private pure {
        unchecked {
            if (count == 0 || firstSequence + (count - 1) < firstSequence) {
                revert SequenceRangeInvalid(firstSequence, count);
            }
        }
    }
}
