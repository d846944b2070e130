// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {QuorumSignatures} from "../lib/QuorumSignatures.sol";
import {IEscrow} from "./interfaces/IEscrow.sol";
import {IEscrowTerms} from "./interfaces/IEscrowTerms.sol";
import {IQuorumArbiter} from "./interfaces/IQuorumArbiter.sol";

/**
 * @title QuorumArbiter
 * @notice See `IQuorumArbiter`, which documents every function.
 */
contract QuorumArbiter is IQuorumArbiter, EIP712 {
    bytes32 public constant RULING_TYPEHASH = keccak256("Ruling(bytes32 escrowId,uint256 payeeBps,bytes32 rulingHash)");

    IEscrow public immutable override escrow;
    address private immutable _table;
    uint256 private immutable _signerCount;

    constructor(IEscrow escrow_, address[] memory signers_) EIP712("Corridor QuorumArbiter", "1") {
        escrow = escrow_;
        _table = QuorumSignatures.store(signers_);
        _signerCount = signers_.length;
    }

    /// @inheritdoc IQuorumArbiter
    function rule(
        IEscrowTerms.Terms calldata terms,
        uint256 payeeBps,
        bytes32 rulingHash,
        uint256 mask,
        bytes32[] calldata signatures
    ) external returns (uint256 payeeAmount, uint256 payerAmount, uint256 fee) {
        bytes32 structHash = keccak256(abi.encode(RULING_TYPEHASH, escrow.escrowIdOf(terms), payeeBps, rulingHash));
        _checkQuorum(_hashTypedDataV4(structHash), mask, signatures);

        return escrow.rule(terms, payeeBps, rulingHash);
    }

    /// @inheritdoc IQuorumArbiter
    function signers() public view returns (address[] memory) {
        return QuorumSignatures.load(_table, _signerCount);
    }

    function _checkQuorum(bytes32 digest, uint256 mask, bytes32[] calldata signatures) private view {
        uint256 expected = 2 * QuorumSignatures.requireQuorum(mask, _signerCount);
        if (signatures.length != expected) revert SignatureCountInvalid(signatures.length, expected);

        address[] memory all = signers();
        uint256 position = 0;
        for (uint256 i = 0; position < expected; ++i) {
            if ((mask >> i) & 1 == 0) continue;
            QuorumSignatures.requireSigned(all[i], digest, signatures[position], signatures[position + 1]);
            position += 2;
        }
    }
}
