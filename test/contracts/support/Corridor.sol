// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {PaymentRouter} from "../../../contracts/payments/PaymentRouter.sol";
import {Stablecoin} from "../../../contracts/payments/Stablecoin.sol";
import {Test} from "./Test.sol";

/// @notice One stablecoin and the router, whose every role is the test contract's, without delay.
abstract contract Corridor is Test {
    AccessManager internal manager;
    Stablecoin internal coin;
    PaymentRouter internal router;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(address(this));
        coin = new Stablecoin("Corridor USD", "cUSD", address(manager));
        router = new PaymentRouter(address(manager));
        coin.configureMinter(address(this), type(uint96).max, 1);
    }

    function pack(address recipient, uint256 amount) internal pure returns (bytes32) {
        return bytes32((uint256(uint160(recipient)) << 96) | uint96(amount));
    }
}
