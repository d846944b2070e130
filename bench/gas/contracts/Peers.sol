// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20 as OpenZeppelinERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC20 as SoladyERC20} from "solady/src/tokens/ERC20.sol";

/// @dev What Corridor is measured beside: the libraries' tokens as they come, without freeze, pause or roles.
contract OpenZeppelinToken is OpenZeppelinERC20, ERC3009 {
    constructor() OpenZeppelinERC20("OpenZeppelin", "OZ") EIP712("OpenZeppelin", "1") {
        _mint(msg.sender, 1e30);
    }
}

contract SoladyToken is SoladyERC20 {
    constructor() {
        _mint(msg.sender, 1e30);
    }

    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SOL";
    }
}
