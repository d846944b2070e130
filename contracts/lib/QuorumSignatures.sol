// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {SSTORE2} from "solady/src/utils/SSTORE2.sol";

/**
 * @title QuorumSignatures
 * @notice Sets of n = 3f + 1 signers, of whom f may lie or be silent, and the 2f + 1 signatures that speak for the set.
 * @dev A set is the code of an account of its own: all signers for the price of one cold account. Whoever signed is told by
 * a mask over the set's order, so that nobody can be counted twice. Signers are EOAs: signatures are ECDSA, compact
 * (EIP-2098), low `s` only.
 */
library QuorumSignatures {
    /// @dev From here on lies the second form of each signature (EIP-2): half the order of secp256k1, and one.
    uint256 private constant HIGH_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1;

    /// @dev All bits but the highest, which is the parity in `vs`.
    uint256 private constant S_BITS = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF;

    uint256 internal constant MIN_SIGNERS = 4;
    uint256 internal constant MAX_SIGNERS = 31;

    /// @notice A set has 4, 7, 10, ... 31 signers: 3f + 1.
    error SignerCountInvalid(uint256 observed, uint256 minimum, uint256 maximum);
    /// @notice The zero address cannot sign.
    error SignerIsZero(uint256 index);
    error SignerRepeated(address signer);
    /// @notice The mask names signers that the set does not have.
    error SignerUnknown(uint256 mask, uint256 signerCount);
    error QuorumNotReached(uint256 observed, uint256 required);
    /// @notice `signer` did not sign this, or `s` is in the upper half.
    error QuorumSignatureInvalid(address signer, bytes32 digest);

    /**
     * @notice Stores a set for ever.
     * @dev Reverts with SignerCountInvalid, SignerIsZero, SignerRepeated.
     * @return table The account whose code it is.
     */
    function store(address[] memory signers) internal returns (address table) {
        uint256 count = signers.length;
        if (count < MIN_SIGNERS || count > MAX_SIGNERS || count % 3 != 1) {
            revert SignerCountInvalid(count, MIN_SIGNERS, MAX_SIGNERS);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (signers[i] == address(0)) revert SignerIsZero(i);
            for (uint256 j = 0; j < i; ++j) {
                if (signers[i] == signers[j]) revert SignerRepeated(signers[i]);
            }
        }
        return SSTORE2.write(abi.encodePacked(signers));
    }

    /**
     * @notice The first `count` signers of a table, which may hold more after them.
     */
    function load(address table, uint256 count) internal view returns (address[] memory signers) {
        bytes memory words = SSTORE2.read(table, 0, count * 32);
        assembly ("memory-safe") {
            // One word a signer: the length in words makes it an array of them.
            mstore(words, shr(5, mload(words)))
            signers := words
        }
    }

    /**
     * @notice How many signatures speak for a set: 2f + 1 of 3f + 1. Any two such groups share an honest signer, and the
     * honest are the majority of each.
     */
    function quorumOf(uint256 signerCount) internal pure returns (uint256) {
        unchecked {
            return (2 * signerCount + 1) / 3;
        }
    }

    /**
     * @notice How many signers the mask names.
     * @dev Reverts with SignerUnknown, and with QuorumNotReached when they are fewer than 2f + 1.
     */
    function requireQuorum(uint256 mask, uint256 signerCount) internal pure returns (uint256 count) {
        if (mask >> signerCount != 0) revert SignerUnknown(mask, signerCount);
        count = LibBit.popCount(mask);
        if (count < quorumOf(signerCount)) revert QuorumNotReached(count, quorumOf(signerCount));
    }

    /**
     * @notice Reverts with QuorumSignatureInvalid unless `signer`, which is not zero, signed `digest`.
     * @param vs `s`, with the parity of `v` in the highest bit (EIP-2098).
     */
    function requireSigned(address signer, bytes32 digest, bytes32 r, bytes32 vs) internal view {
        bool isSigned;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let s := and(vs, S_BITS)
            mstore(free, digest)
            mstore(add(free, 0x20), add(27, shr(255, vs)))
            mstore(add(free, 0x40), r)
            mstore(add(free, 0x60), s)
            // ecrecover (precompile 1) returns nothing for what is no signature.
            pop(staticcall(gas(), 1, free, 0x80, 0x00, 0x20))
            isSigned := and(and(eq(returndatasize(), 0x20), eq(mload(0x00), signer)), lt(s, HIGH_S))
        }
        if (!isSigned) revert QuorumSignatureInvalid(signer, digest);
    }
}
