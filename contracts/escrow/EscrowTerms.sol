// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {TokenTransfer} from "../lib/TokenTransfer.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IEscrowTerms} from "./interfaces/IEscrowTerms.sol";

/**
 * @title EscrowTerms
 * @notice The hash of terms, and the terms that are refused. See `IEscrowTerms`.
 */
abstract contract EscrowTerms is IEscrow, EIP712 {
    uint256 public constant MAX_MILESTONES = 32;
    uint256 public constant MAX_RULING_PERIOD_SECONDS = 365 days;
    bytes32 public constant TERMS_TYPEHASH = keccak256(
        "Terms(address payer,address payee,address token,uint96 amount,address operator,uint40 authorizationExpiry,uint40 captureExpiry,uint40 refundExpiry,uint16 minFeeBps,uint16 maxFeeBps,address feeRecipient,address arbiter,uint32 rulingPeriodSeconds,uint16 defaultPayeeBps,bytes32 hashLock,uint256 salt,uint96[] milestones)"
    );

    /// @dev The whole, in basis points.
    uint256 internal constant BPS = 10_000;

    /// @inheritdoc IEscrow
    address public immutable override paymentRouter;

    /// @dev Ids hash with the domain of the chain as it was then: an escrow must be found whatever id the chain has now.
    bytes32 private immutable _deploymentDomain;

    constructor(address paymentRouter_) EIP712("Corridor Escrow", "1") {
        paymentRouter = paymentRouter_;
        _deploymentDomain = _domainSeparatorV4();
    }

    /// @inheritdoc IEscrowTerms
    function escrowIdOf(Terms calldata terms) public view returns (bytes32) {
        return _escrowIdOf(_hashStruct(terms));
    }

    function _escrowIdOf(bytes32 termsHash) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_deploymentDomain, termsHash);
    }

    /**
     * @dev EIP-712's hashStruct. All fields before the milestones lie in calldata as they are encoded for hashing. Bits
     * where a field has none make a hash that is never authorized: `_checkTerms` reads, and so checks, each field.
     */
    function _hashStruct(Terms calldata terms) internal pure returns (bytes32 hash) {
        bytes32 typeHash = TERMS_TYPEHASH;
        uint96[] calldata milestones = terms.milestones;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := shl(5, milestones.length)
            calldatacopy(free, milestones.offset, size)
            let milestonesHash := keccak256(free, size)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), terms, 0x200)
            mstore(add(free, 0x220), milestonesHash)
            hash := keccak256(free, 0x240)
        }
    }

    /// @dev Reverts unless `amount` may be authorized now by terms that make sense.
    function _checkTerms(Terms calldata terms, uint256 amount) internal view {
        _checkParties(terms);
        _checkExpiries(terms);
        _checkFees(terms);
        _checkConditions(terms);
        _checkAmounts(terms, amount);
    }

    function _checkParties(Terms calldata terms) private view {
        (address payer, address payee, address token) = (terms.payer, terms.payee, terms.token);
        if (token == address(this)) revert TokenInvalid(token);
        if (token.code.length == 0) revert TokenTransfer.NotAToken(token);
        if (payer == address(0) || _isDeadEnd(payer, token)) revert PayerInvalid(payer);
        if (payee == address(0) || payee == payer || _isDeadEnd(payee, token)) revert PayeeInvalid(payee);
        address operator = terms.operator;
        if (operator == payer || operator == payee || operator == address(this)) revert OperatorInvalid(operator);
    }

    function _checkExpiries(Terms calldata terms) private view {
        (uint256 authorizationExpiry, uint256 captureExpiry) = (terms.authorizationExpiry, terms.captureExpiry);
        if (authorizationExpiry > captureExpiry || captureExpiry > terms.refundExpiry) {
            revert ExpiriesNotOrdered(authorizationExpiry, captureExpiry, terms.refundExpiry);
        }
        if (block.timestamp > authorizationExpiry) revert AuthorizationExpired(authorizationExpiry, block.timestamp);
    }

    function _checkFees(Terms calldata terms) private view {
        (uint256 minFeeBps, uint256 maxFeeBps) = (terms.minFeeBps, terms.maxFeeBps);
        if (minFeeBps > maxFeeBps || maxFeeBps > BPS) revert FeeBoundsInvalid(minFeeBps, maxFeeBps, BPS);
        address feeRecipient = terms.feeRecipient;
        if ((feeRecipient == address(0)) != (maxFeeBps == 0)) revert FeeRecipientMismatch(feeRecipient, maxFeeBps);
        if (_isDeadEnd(feeRecipient, terms.token)) revert FeeRecipientInvalid(feeRecipient);
    }

    function _checkConditions(Terms calldata terms) private view {
        address arbiter = terms.arbiter;
        uint256 rulingPeriod = terms.rulingPeriodSeconds;
        uint256 defaultPayeeBps = terms.defaultPayeeBps;
        if (arbiter == address(0) ? (rulingPeriod | defaultPayeeBps) != 0 : rulingPeriod == 0) {
            revert DisputeTermsMismatch(arbiter, rulingPeriod, defaultPayeeBps);
        }
        if (arbiter == terms.payer || arbiter == terms.payee || arbiter == address(this))
            revert ArbiterInvalid(arbiter);
        if (rulingPeriod > MAX_RULING_PERIOD_SECONDS) {
            revert RulingPeriodTooLong(rulingPeriod, MAX_RULING_PERIOD_SECONDS);
        }
        if (defaultPayeeBps > BPS) revert PayeeBpsTooHigh(defaultPayeeBps, BPS);

        if (terms.hashLock == 0) return;
        uint256 milestones = terms.milestones.length;
        if (arbiter != address(0) || terms.operator != address(0) || milestones != 0) {
            revert HashLockNotAlone(terms.operator, arbiter, milestones);
        }
    }

    function _checkAmounts(Terms calldata terms, uint256 amount) private pure {
        uint256 maximum = terms.amount;
        uint96[] calldata milestones = terms.milestones;
        uint256 count = milestones.length;
        if (count > MAX_MILESTONES) revert TooManyMilestones(count, MAX_MILESTONES);
        if (count != 0) {
            uint256 sum = 0;
            for (uint256 i = 0; i < count; ++i) {
                if (milestones[i] == 0) revert MilestoneIsZero(i);
                sum += milestones[i];
            }
            if (sum != maximum) revert MilestonesSumMismatch(sum, maximum);
        }
        uint256 minimum = count == 0 ? 1 : maximum;
        if (amount < minimum || amount > maximum) revert AmountOutOfBounds(amount, minimum, maximum);
    }

    /// @dev Money that goes there, nobody gets out: here, the router, the token.
    function _isDeadEnd(address account, address token) private view returns (bool) {
        return account == address(this) || account == paymentRouter || account == token;
    }
}
