// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/**
 * @title Signatures
 * @notice One question: did `signer` sign `digest`?
 */
library Signatures {
    /// @dev From here on lies the second form of each signature (EIP-2): half the order of secp256k1, and one.
    uint256 private constant HIGH_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1;

    /**
     * @notice True for the ECDSA signature of an EOA, also of one that delegates to code (EIP-7702), and for
     * whatever an ERC-1271 account accepts.
     */
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 65) {
            (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signature);
            if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        }
        return
            signer.code.length != 0 && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    /**
     * @notice True for an EOA's ECDSA signature (low `s` only) whose `v, r, s` are arguments of the running call, one
     * after the other from byte `offset` of calldata on.
     * @dev In assembly, because a gasless transfer pays for it each time. ecrecover (precompile 1) returns nothing for
     * what is no signature.
     */
    function isValidAt(address signer, bytes32 digest, uint256 offset) internal view returns (bool valid) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, digest)
            calldatacopy(add(free, 0x20), offset, 0x60)
            pop(staticcall(gas(), 1, free, 0x80, 0x00, 0x20))
            valid := and(and(eq(returndatasize(), 0x20), eq(mload(0x00), signer)), lt(mload(add(free, 0x60)), HIGH_S))
        }
    }
}
