// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Signatures} from "../lib/Signatures.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {EscrowAuthorizations} from "./EscrowAuthorizations.sol";
import {EscrowDisputes} from "./EscrowDisputes.sol";
import {EscrowTerms} from "./EscrowTerms.sol";
import {PackedState} from "./PackedState.sol";

/**
 * @title Escrow
 * @notice See `IEscrow`, which documents every function.
 * @dev In layers: `EscrowTerms` says which terms are refused, `EscrowFunds` what is held and paid out, `EscrowAuthorizations` how
 * money comes in, `EscrowDisputes` how an arbiter decides; this contract is what the parties do.
 */
contract Escrow is EscrowAuthorizations, EscrowDisputes {
    bytes32 public constant RELEASE_TYPEHASH = keccak256(
        "Release(bytes32 escrowId,uint256 payeeAmount,uint256 payerAmount,uint256 feeBps,uint256 deadline)"
    );

    /**
     * @param authority The AccessManager that holds every role.
     * @param paymentRouter_ Whose `payInto` can fund an escrow.
     */
    constructor(address authority, address paymentRouter_) AccessManaged(authority) EscrowTerms(paymentRouter_) {}

    /// @inheritdoc IEscrow
    function capture(Terms calldata terms, uint256 amount, uint256 feeBps) external nonReentrant returns (uint256 fee) {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadFunded(escrowId);
        _store(terms, escrowId, _capture(terms, escrowId, state, amount, feeBps));
        fee = _share(amount, feeBps);
        emit EscrowCaptured(escrowId, amount, fee);

        _payPayee(terms, escrowId, amount, fee);
    }

    /// @inheritdoc IEscrow
    function captureWithPreimage(Terms calldata terms, bytes32 preimage) external nonReentrant returns (uint256 fee) {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadFunded(escrowId);
        if (terms.hashLock == 0) revert NoHashLock(escrowId);
        if (block.timestamp > terms.captureExpiry) revert CaptureExpired(terms.captureExpiry, block.timestamp);
        bytes32 observed = sha256(abi.encode(preimage));
        if (observed != terms.hashLock) revert PreimageMismatch(observed, terms.hashLock);

        uint256 amount = state.capturable();
        fee = _share(amount, terms.minFeeBps);
        _store(terms, escrowId, state.split(amount));
        emit EscrowCapturedWithPreimage(escrowId, preimage, amount, fee);

        _payPayee(terms, escrowId, amount, fee);
    }

    /// @inheritdoc IEscrow
    function void(Terms calldata terms) external nonReentrant {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadFunded(escrowId);
        bool byOperator = msg.sender == terms.operator && !state.isDisputed();
        if (msg.sender != terms.payee && !byOperator) {
            revert CallerCannotVoid(msg.sender, terms.operator, terms.payee);
        }

        uint256 amount = state.capturable();
        _store(terms, escrowId, state.split(0));
        emit EscrowVoided(escrowId, amount);

        _payPayer(terms, escrowId, amount);
    }

    /// @inheritdoc IEscrow
    function reclaim(Terms calldata terms) external nonReentrant {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadOpen(escrowId);
        if (block.timestamp <= terms.captureExpiry) {
            revert CaptureStillPossible(terms.captureExpiry, block.timestamp);
        }

        uint256 amount = state.capturable();
        _store(terms, escrowId, state.split(0));
        emit EscrowReclaimed(escrowId, amount);

        _payPayer(terms, escrowId, amount);
    }

    /// @inheritdoc IEscrow
    function refund(Terms calldata terms, uint256 amount) external nonReentrant {
        if (msg.sender != terms.operator && msg.sender != terms.payee) {
            revert CallerCannotRefund(msg.sender, terms.operator, terms.payee);
        }
        if (block.timestamp > terms.refundExpiry) revert RefundExpired(terms.refundExpiry, block.timestamp);
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _load(escrowId);
        uint256 refundable = state.refundable();
        if (amount == 0 || amount > refundable) revert AmountOutOfBounds(amount, 1, refundable);

        _store(terms, escrowId, state.refunded(amount));
        emit EscrowRefunded(escrowId, msg.sender, amount);

        _refundPayer(terms, escrowId, amount);
    }

    /// @inheritdoc IEscrow
    function release(
        Terms calldata terms,
        Split calldata split,
        bytes calldata payerSignature,
        bytes calldata payeeSignature
    ) external nonReentrant returns (uint256 fee) {
        bytes32 escrowId = escrowIdOf(terms);
        PackedState state = _loadFunded(escrowId);
        _checkSplit(terms, split, state.capturable());
        bytes32 digest = _releaseDigest(escrowId, split);
        if (!Signatures.isValid(terms.payer, digest, payerSignature)) revert InvalidSignature(terms.payer);
        if (!Signatures.isValid(terms.payee, digest, payeeSignature)) revert InvalidSignature(terms.payee);

        fee = _share(split.payeeAmount, split.feeBps);
        _store(terms, escrowId, state.split(split.payeeAmount));
        emit EscrowReleased(escrowId, split.payeeAmount, split.payerAmount, fee);

        _payBoth(terms, escrowId, split.payeeAmount, split.payerAmount, fee);
    }

    /// @inheritdoc EscrowAuthorizations
    function _capture(
        Terms calldata terms,
        bytes32 escrowId,
        PackedState state,
        uint256 amount,
        uint256 feeBps
    ) internal view override returns (PackedState) {
        bool byOperator = msg.sender == terms.operator;
        if (!byOperator && msg.sender != terms.payer) {
            revert CallerCannotCapture(msg.sender, terms.operator, terms.payer);
        }
        uint256 capturable = state.capturable();
        // A payer that gives everything away hurts nobody.
        bool givesIn = !byOperator && amount == capturable;
        if (state.isDisputed()) {
            if (!givesIn) revert EscrowIsDisputed(escrowId);
        } else if (block.timestamp > terms.captureExpiry) {
            revert CaptureExpired(terms.captureExpiry, block.timestamp);
        }
        if (amount == 0 || amount > capturable) revert AmountOutOfBounds(amount, 1, capturable);
        _checkFee(terms, feeBps, byOperator ? terms.maxFeeBps : terms.minFeeBps);
        if (state.milestonesLeft() != 0 && !givesIn) state = _passMilestone(terms, state, amount);

        return state.captured(amount);
    }

    function _passMilestone(
        Terms calldata terms,
        PackedState state,
        uint256 amount
    ) private pure returns (PackedState) {
        uint256 index = terms.milestones.length - state.milestonesLeft();
        uint256 expected = terms.milestones[index];
        if (amount != expected) revert MilestoneMismatch(index, expected, amount);
        return state.milestonePassed();
    }

    function _checkFee(Terms calldata terms, uint256 feeBps, uint256 maximum) private pure {
        uint256 minimum = terms.minFeeBps;
        if (feeBps < minimum || feeBps > maximum) revert FeeOutOfBounds(feeBps, minimum, maximum);
    }

    function _checkSplit(Terms calldata terms, Split calldata split, uint256 capturable) private view {
        if (block.timestamp > split.deadline) revert SignatureExpired(split.deadline, block.timestamp);
        if (split.payeeAmount > capturable || split.payerAmount != capturable - split.payeeAmount) {
            revert SplitMismatch(split.payeeAmount, split.payerAmount, capturable);
        }
        _checkFee(terms, split.feeBps, terms.maxFeeBps);
    }

    function _releaseDigest(bytes32 escrowId, Split calldata split) private view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        RELEASE_TYPEHASH,
                        escrowId,
                        split.payeeAmount,
                        split.payerAmount,
                        split.feeBps,
                        split.deadline
                    )
                )
            );
    }
}
