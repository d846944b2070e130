// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IMintGuard} from "../../../contracts/payments/interfaces/IMintGuard.sol";

/// @notice A contract account of one owner (ERC-1271) that can call anything.
contract OwnedAccount is IERC1271 {
    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recoverCalldata(digest, signature) == owner ? this.isValidSignature.selector : bytes4(0);
    }

    function execute(address target, bytes calldata data) external {
        (bool success, bytes memory reason) = target.call(data);
        if (success) return;
        assembly {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}

/// @notice Agrees to a supply of at most `reserve`.
contract ReserveGuard is IMintGuard {
    error ReserveExceeded(address token, uint256 reserve, uint256 supplyAfter);

    uint256 public immutable reserve;

    constructor(uint256 reserve_) {
        reserve = reserve_;
    }

    function checkMint(address token, uint256 supplyAfter) external view {
        if (supplyAfter > reserve) revert ReserveExceeded(token, reserve, supplyAfter);
    }
}
