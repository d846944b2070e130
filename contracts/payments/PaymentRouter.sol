// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SequenceBitmap} from "../lib/SequenceBitmap.sol";
import {Signatures} from "../lib/Signatures.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {IBatchTransfer} from "./interfaces/IBatchTransfer.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IPaymentRouter} from "./interfaces/IPaymentRouter.sol";

/**
 * @title PaymentRouter
 * @notice See `IPaymentRouter`, which documents every function.
 */
contract PaymentRouter is IPaymentRouter, AccessManaged, EIP712, ReentrancyGuardTransient {
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using TokenBucket for TokenBucket.Bucket;

    uint256 public constant MAX_BATCH = 256;

    /// @notice What one transfer of a token without native batches may cost, so that one recipient cannot use up the
    /// gas of a whole batch.
    uint256 public constant TRANSFER_GAS_LIMIT = 300_000;

    bytes32 public constant SETTLE_BATCH_TYPEHASH =
        keccak256(
            "SettleBatch(address payer,address token,uint256 firstSequence,bytes32[] payments,uint256 deadline)"
        );

    bool public override paused;
    mapping(address payer => SequenceBitmap.Bitmap used) private _sequences;
    mapping(address payer => mapping(address operator => mapping(address token => TokenBucket.Bucket limit)))
        private _operators;

    constructor(address authority) AccessManaged(authority) EIP712("Corridor PaymentRouter", "1") {}

    modifier whenNotPaused() {
        if (paused) revert RouterIsPaused();
        _;
    }

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
        uint256 balanceBefore = IERC20(token).balanceOf(address(this));
        IERC3009(token).receiveWithAuthorization(
            payer,
            address(this),
            amount,
            validAfter,
            validBefore,
            authorizationNonce(recipient, paymentReference, salt),
            signature
        );
        _checkBalance(token, address(this), balanceBefore, amount);

        balanceBefore = IERC20(token).balanceOf(recipient);
        if (!_call(token, abi.encodeCall(IERC20.transfer, (recipient, amount)), gasleft())) {
            revert TransferFailed(token, address(this), recipient, amount);
        }
        _checkBalance(token, recipient, balanceBefore, amount);
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
        uint256 total = _total(payments);
        TokenBucket.Bucket storage limit = _operators[payer][msg.sender][token];
        (bool spent, uint256 available) = limit.trySpend(total);
        if (!spent) revert OperatorLimitExceeded(payer, msg.sender, token, available, total);

        (settledAmount, returned) = _settle(payer, token, firstSequence, payments, total, _commitment(payments));
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
        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);
        // The commitment is also how EIP-712 encodes a bytes32[].
        bytes32 commitment = _commitment(payments);
        bytes32 structHash = keccak256(
            abi.encode(SETTLE_BATCH_TYPEHASH, payer, token, firstSequence, commitment, deadline)
        );
        if (!Signatures.isValid(payer, _hashTypedDataV4(structHash), signature)) revert InvalidSignature(payer);

        return _settle(payer, token, firstSequence, payments, _total(payments), commitment);
    }

    /// @inheritdoc IPaymentRouter
    function authorizeOperator(
        address operator,
        address token,
        uint96 limit,
        uint24 windowSeconds
    ) external {
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

    // Pause

    /// @inheritdoc IPaymentRouter
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IPaymentRouter
    function unpause() external restricted {
        if (!paused) revert RouterIsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    // How a payment moves

    function _pay(address token, address recipient, uint256 amount, bytes32 paymentReference) private {
        uint256 balanceBefore = IERC20(token).balanceOf(recipient);
        bytes memory call = abi.encodeCall(IERC20.transferFrom, (msg.sender, recipient, amount));
        if (!_call(token, call, gasleft())) revert TransferFailed(token, msg.sender, recipient, amount);
        _checkBalance(token, recipient, balanceBefore, msg.sender == recipient ? 0 : amount);
        emit PaymentSettled(msg.sender, recipient, paymentReference, token, amount);
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
            ? _settleNatively(payer, token, payments, total)
            : _settleOneByOne(payer, token, payments);

        if (returned != 0) _reportReturned(payer, token, firstSequence, payments, returned);
        emit BatchSettled(
            payer,
            token,
            firstSequence,
            payments.length,
            settledAmount,
            commitment,
            msg.sender
        );
    }

    function _settleNatively(
        address payer,
        address token,
        bytes32[] calldata payments,
        uint256 total
    ) private returns (uint256 settledAmount, uint256 returned) {
        uint256 balanceBefore = IERC20(token).balanceOf(payer);
        (settledAmount, returned) = IBatchTransfer(token).transferFromBatch(payer, payments);
        uint256 balanceAfter = IERC20(token).balanceOf(payer);

        // What the token says it moved must be what it was asked for, and what the payer's balance shows.
        uint256 expected = total;
        uint256 toItself = 0;
        for (uint256 i = 0; i < payments.length; ++i) {
            unchecked {
                if ((returned >> i) & 1 == 1) expected -= uint96(uint256(payments[i]));
                else if (address(bytes20(payments[i])) == payer) toItself += uint96(uint256(payments[i]));
            }
        }
        if (settledAmount != expected) {
            revert UnexpectedBalanceChange(token, payer, -int256(expected), -int256(settledAmount));
        }
        _checkChange(token, payer, balanceBefore, balanceAfter, -int256(settledAmount - toItself));
    }

    function _settleOneByOne(
        address payer,
        address token,
        bytes32[] calldata payments
    ) private returns (uint256 settledAmount, uint256 returned) {
        for (uint256 i = 0; i < payments.length; ++i) {
            address recipient = address(bytes20(payments[i]));
            uint256 amount = uint96(uint256(payments[i]));
            uint256 balanceBefore = IERC20(token).balanceOf(recipient);

            // A call gets at most 63/64 of the gas that is left.
            uint256 required = (TRANSFER_GAS_LIMIT * 64) / 63 + 10_000;
            if (gasleft() < required) revert InsufficientGas(gasleft(), required);
            bytes memory call = abi.encodeCall(IERC20.transferFrom, (payer, recipient, amount));
            if (_call(token, call, TRANSFER_GAS_LIMIT)) {
                settledAmount += amount;
                _checkBalance(token, recipient, balanceBefore, recipient == payer ? 0 : amount);
            } else {
                returned |= 1 << i;
                _checkBalance(token, recipient, balanceBefore, 0);
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
            address recipient = address(bytes20(payments[i]));
            uint256 amount = uint96(uint256(payments[i]));
            emit PaymentReturned(payer, firstSequence + i, recipient, token, amount);
        }
    }

    /// @dev A token that answers wrongly here is caught by the balance checks on either way.
    function _hasNativeBatch(address token) private view returns (bool) {
        return ERC165Checker.supportsERC165InterfaceUnchecked(token, type(IBatchTransfer).interfaceId);
    }

    /**
     * @dev True when the token did not revert and returned true or nothing. Copies one word of what it returns, so that
     * a long answer costs nothing. Calls to an address without code are caught by the `balanceOf` before.
     */
    function _call(address token, bytes memory data, uint256 gasLimit) private returns (bool success) {
        assembly ("memory-safe") {
            mstore(0x00, 1)
            success := call(gasLimit, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            success := and(success, and(eq(mload(0x00), 1), or(iszero(returndatasize()), gt(returndatasize(), 31))))
        }
    }

    function _checkBalance(address token, address account, uint256 balanceBefore, uint256 gain) private view {
        _checkChange(token, account, balanceBefore, IERC20(token).balanceOf(account), int256(gain));
    }

    function _checkChange(
        address token,
        address account,
        uint256 balanceBefore,
        uint256 balanceAfter,
        int256 expected
    ) private pure {
        unchecked {
            int256 observed = int256(balanceAfter - balanceBefore);
            if (observed != expected) revert UnexpectedBalanceChange(token, account, expected, observed);
        }
    }

    // Checks

    /// @dev Checks the size too. Cannot overflow: 256 amounts of 96 bits.
    function _total(bytes32[] calldata payments) private pure returns (uint256 total) {
        if (payments.length == 0 || payments.length > MAX_BATCH) {
            revert BatchSizeInvalid(payments.length, MAX_BATCH);
        }
        for (uint256 i = 0; i < payments.length; ++i) {
            unchecked {
                total += uint96(uint256(payments[i]));
            }
        }
    }

    function _checkRange(uint256 firstSequence, uint256 count) private pure {
        unchecked {
            if (count == 0 || firstSequence + (count - 1) < firstSequence) {
                revert SequenceRangeInvalid(firstSequence, count);
            }
        }
    }

    function _commitment(bytes32[] calldata payments) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(payments));
    }
}
