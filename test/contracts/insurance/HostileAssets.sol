// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBatchTransfer} from "../../../contracts/payments/interfaces/IBatchTransfer.sol";
import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Calls back before the money moves, and remembers what it was told.
contract ReentrantAsset is PlainToken {
    address public target;
    bytes public attack;
    bytes4 public refusal;

    function arm(address target_, bytes calldata attack_) external {
        (target, attack, refusal) = (target_, attack_, bytes4(0));
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (target != address(0)) {
            (bool success, bytes memory reason) = target.call(attack);
            refusal = success ? bytes4(0) : bytes4(reason);
        }
        super._update(from, to, amount);
    }
}

/// @notice Says that it has native batches, and lies about what they did.
contract LyingBatchAsset is PlainToken, IBatchTransfer {
    uint256 public claimedReturned;
    uint256 public moved;

    function claim(uint256 claimedReturned_, uint256 moved_) external {
        (claimedReturned, moved) = (claimedReturned_, moved_);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IBatchTransfer).interfaceId || interfaceId == 0x01ffc9a7;
    }

    function transferBatch(bytes32[] calldata) external returns (uint256, uint256) {
        _transfer(msg.sender, address(this), moved);
        return (moved, claimedReturned);
    }

    function transferFromBatch(address, bytes32[] calldata) external pure returns (uint256, uint256) {
        return (0, 0);
    }
}
