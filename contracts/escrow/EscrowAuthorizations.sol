// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {PausableEntries} from "../lib/PausableEntries.sol";
import {PayerOperators} from "../lib/PayerOperators.sol";
import {Signatures} from "../lib/Signatures.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IERC3009} from "../payments/interfaces/IERC3009.sol";
import {IPaymentReceiver} from "../payments/interfaces/IPaymentReceiver.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {EscrowFunds} from "./EscrowFunds.sol";
import {PackedState} from "./PackedState.sol";

/**
 * @title EscrowAuthorizations
 * @notice How money comes in, and the guardian's pause of it. See `IEscrow`.
 */
abstract contract EscrowAuthorizations is EscrowFunds, PausableEntries {
    using PayerOperators for PayerOperators.Limits;

    bytes32 public constant AUTHORIZATION_TYPEHASH = keccak256(
        "Authorization(Terms terms,uint256 amount)Terms(address payer,address payee,address token,uint96 amount,address operator,uint40 authorizationExpiry,uint40 captureExpiry,uint40 refundExpiry,uint16 minFeeBps,uint16 maxFeeBps,address feeRecipient,address arbiter,uint32 rulingPeriodSeconds,uint16 defaultPayeeBps,bytes32 hashLock,uint256 salt,uint96[] milestones)"
    );

    mapping(address token => PayerOperators.Limits limits) private _operators;

    // Authorize

    /// @inheritdoc IEscrow
    function authorize(Terms calldata terms, uint256 amount) external whenNotPaused nonReentrant {
        _checkPayer(terms, msg.sender);
        _authorize(terms, escrowIdOf(terms), amount);
        TokenTransfer.pull(terms.token, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function authorizeFor(Terms calldata terms, uint256 amount) external whenNotPaused nonReentrant {
        // First what can never be again: whoever waits for a limit learns that it waits in vain.
        _authorize(terms, escrowIdOf(terms), amount);
        _operators[terms.token].spend(terms.payer, amount);
        TokenTransfer.pull(terms.token, terms.payer, amount);
    }

    /// @inheritdoc IEscrow
    function authorizeWithSignature(
        Terms calldata terms,
        uint256 amount,
        bytes calldata signature
    ) external whenNotPaused nonReentrant {
        bytes32 escrowId = _checkSignature(terms, amount, signature);
        _authorize(terms, escrowId, amount);
        TokenTransfer.pull(terms.token, terms.payer, amount);
    }

    /// @inheritdoc IEscrow
    function authorizeWithPermit(
        Terms calldata terms,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external whenNotPaused nonReentrant {
        _checkPayer(terms, msg.sender);
        _authorize(terms, escrowIdOf(terms), amount);
        // Whether the permit came through here or somebody submitted it first: the allowance decides.
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(terms.token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        TokenTransfer.pull(terms.token, msg.sender, amount);
    }

    /// @inheritdoc IEscrow
    function authorizeWithAuthorization(
        Terms calldata terms,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external whenNotPaused nonReentrant {
        bytes32 escrowId = escrowIdOf(terms);
        _authorize(terms, escrowId, amount);
        uint256 balanceBefore = TokenTransfer.balanceOf(terms.token, address(this));
        IERC3009(terms.token).receiveWithAuthorization(
            terms.payer,
            address(this),
            amount,
            validAfter,
            validBefore,
            escrowId,
            signature
        );
        TokenTransfer.checkChange(terms.token, address(this), balanceBefore, int256(amount));
    }

    /// @inheritdoc IEscrow
    function onPaymentReceived(
        address payer,
        address token,
        uint256 amount,
        bytes32 paymentReference,
        bytes calldata data
    ) external whenNotPaused nonReentrant returns (bytes4) {
        if (msg.sender != paymentRouter) revert CallerIsNotRouter(msg.sender, paymentRouter);
        Terms calldata terms;
        // The struct behind its offset, as abi.encode puts it. Whatever lies there is checked by its hash.
        assembly ("memory-safe") {
            terms := add(data.offset, 0x20)
        }
        _checkPayer(terms, payer);
        if (token != terms.token) revert TokenMismatch(token, terms.token);
        bytes32 escrowId = escrowIdOf(terms);
        if (paymentReference != escrowId) revert PaymentReferenceMismatch(paymentReference, escrowId);

        _authorize(terms, escrowId, amount);
        return IPaymentReceiver.onPaymentReceived.selector;
    }

    /// @inheritdoc IEscrow
    function cancelAuthorization(Terms calldata terms) external nonReentrant {
        _checkPayer(terms, msg.sender);
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadUnused(escrowId);
        if (block.timestamp > terms.authorizationExpiry) {
            revert AuthorizationExpired(terms.authorizationExpiry, block.timestamp);
        }

        _store(terms, escrowId, state.cancelled());
        emit AuthorizationCancelled(escrowId);
    }

    // Operators

    /// @inheritdoc IEscrow
    function authorizeOperator(address operator, address token, uint96 limit, uint24 windowSeconds) external {
        _operators[token].authorize(operator, limit, windowSeconds);
        emit OperatorAuthorized(msg.sender, operator, token, limit, windowSeconds);
    }

    /// @inheritdoc IEscrow
    function operatorAllowance(
        address payer,
        address operator,
        address token
    ) external view returns (uint256 available, uint256 limit, uint256 windowSeconds) {
        return _operators[token].allowance(payer, operator);
    }

    // Charge

    /// @inheritdoc IEscrow
    function charge(
        Terms calldata terms,
        uint256 amount,
        uint256 feeBps
    ) external whenNotPaused nonReentrant returns (uint256 fee) {
        _checkPayer(terms, msg.sender);
        return _charge(terms, escrowIdOf(terms), amount, feeBps);
    }

    /// @inheritdoc IEscrow
    function chargeWithSignature(
        Terms calldata terms,
        uint256 amount,
        uint256 feeBps,
        bytes calldata signature
    ) external whenNotPaused nonReentrant returns (uint256 fee) {
        return _charge(terms, _checkSignature(terms, amount, signature), amount, feeBps);
    }

    function _revertPaused() internal pure override {
        revert EscrowIsPaused();
    }

    function _revertNotPaused() internal pure override {
        revert EscrowIsNotPaused();
    }

    /// @dev The state after a capture by the caller; reverts when it may not. See `Escrow`.
    function _capture(
        Terms calldata terms,
        bytes32 escrowId,
        PackedState state,
        uint256 amount,
        uint256 feeBps
    ) internal view virtual returns (PackedState);

    function _authorize(Terms calldata terms, bytes32 escrowId, uint256 amount) private {
        _store(terms, escrowId, _opened(terms, escrowId, amount));
        emit EscrowAuthorized(escrowId, terms.payer, terms.payee, amount, terms);
    }

    function _charge(
        Terms calldata terms,
        bytes32 escrowId,
        uint256 amount,
        uint256 feeBps
    ) private returns (uint256 fee) {
        PackedState state = _opened(terms, escrowId, amount);
        _store(terms, escrowId, _capture(terms, escrowId, state, amount, feeBps));
        fee = _share(amount, feeBps);
        emit EscrowCharged(escrowId, terms.payer, terms.payee, amount, fee, terms);

        TokenTransfer.pull(terms.token, terms.payer, amount);
        _payPayee(terms, escrowId, amount, fee);
    }

    /// @dev The state of an escrow that `amount` may be authorized in.
    function _opened(Terms calldata terms, bytes32 escrowId, uint256 amount) private view returns (PackedState) {
        PackedState state = _loadUnused(escrowId);
        _checkTerms(terms, amount);
        return state.opened(amount, terms.milestones.length);
    }

    function _loadUnused(bytes32 escrowId) private view returns (PackedState state) {
        state = _load(escrowId);
        if (state.status() != Status.None) revert AlreadyAuthorized(escrowId, state.status());
    }

    function _checkPayer(Terms calldata terms, address caller) private pure {
        if (caller != terms.payer) revert CallerIsNotPayer(caller, terms.payer);
    }

    function _checkSignature(
        Terms calldata terms,
        uint256 amount,
        bytes calldata signature
    ) private view returns (bytes32 escrowId) {
        bytes32 termsHash = _hashStruct(terms);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(AUTHORIZATION_TYPEHASH, termsHash, amount)));
        if (!Signatures.isValid(terms.payer, digest, signature)) revert InvalidSignature(terms.payer);
        return _escrowIdOf(termsHash);
    }
}
