// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Lets its recipients act at once, as ERC-777 does: a marked one passes on what it gets.
contract PassingToken is PlainToken {
    mapping(address recipient => address next) public nextOf;
    uint256 public passedAmount;

    function mark(address recipient, address next, uint256 amount) external {
        (nextOf[recipient], passedAmount) = (next, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && nextOf[to] != address(0)) super._update(to, nextOf[to], passedAmount);
    }
}
