// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";

/// @notice A minter that is a contract and mints twice in one call.
contract DoubleMinter {
    Stablecoin private immutable coin;

    constructor(Stablecoin coin_) {
        coin = coin_;
    }

    function mintTwice(uint256 amount) external {
        coin.mint(address(this), amount);
        coin.mint(address(this), amount);
    }
}

/// @notice Has as many decimals as it is told, and nothing else of a token.
contract TokenOfDecimals {
    uint8 public immutable decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}
