// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IEscrow} from "./IEscrow.sol";
import {IEscrowTerms} from "./IEscrowTerms.sol";

/**
 * @title IQuorumArbiter
 * @notice An arbiter of n = 3f + 1 signers, of whom any 2f + 1 decide: terms that name it as arbiter are ruled by what so many sign.
 * @dev The set never changes: who agreed to terms agreed to these signers. See `QuorumSignatures` for the errors SignerCountInvalid,
 * SignerIsZero, SignerRepeated, SignerUnknown, QuorumNotReached, QuorumSignatureInvalid.
 */
interface IQuorumArbiter {
    /// @notice Not two words of signature for each signer.
    error SignatureCountInvalid(uint256 observed, uint256 expected);

    /// @notice Whose disputes are ruled.
    function escrow() external view returns (IEscrow);

    /// @notice Who decides, in the order that `rule` counts them in.
    function signers() external view returns (address[] memory);

    /**
     * @notice Rules the dispute of the escrow with these terms as the quorum has signed. Anybody may call.
     * @dev Each signs, by EIP-712, `Ruling(bytes32 escrowId,uint256 payeeBps,bytes32 rulingHash)` for this contract on this
     * chain. A ruling counts once, because an escrow is ruled once.
     *
     * Reverts with SignerUnknown, QuorumNotReached, SignatureCountInvalid, QuorumSignatureInvalid, and as
     * `IEscrowDisputes.rule`: CallerIsNotArbiter when the terms name another, EscrowIsNotDisputed, RulingExpired,
     * PayeeBpsTooHigh.
     *
     * Warning: a signature holds until the ruling deadline. Sign a second ruling of an escrow, or one before its dispute, and
     * whoever submits first chooses.
     * @param mask Bit i: signer i has signed.
     * @param signatures `r`, `vs` (EIP-2098) of each, in the order of the set.
     */
    function rule(
        IEscrowTerms.Terms calldata terms,
        uint256 payeeBps,
        bytes32 rulingHash,
        uint256 mask,
        bytes32[] calldata signatures
    ) external returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee);
}
