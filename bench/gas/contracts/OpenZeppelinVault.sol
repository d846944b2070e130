// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {OpenZeppelinToken} from "./Peers.sol";

/// @dev What the cover pool's deposit is measured beside: the library's vault as it comes, of a token of its own.
contract OpenZeppelinVault is ERC4626 {
    constructor() ERC20("OpenZeppelin vault", "OZV") ERC4626(new OpenZeppelinToken()) {
        OpenZeppelinToken(asset()).transfer(msg.sender, 1e30);
    }
}
