// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBatchTransfer} from "../../../contracts/payments/interfaces/IBatchTransfer.sol";
import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Treats marked recipients badly when they are sent money, each in its own way.
contract ChoosyAsset is PlainToken {
    enum Manner {
        Normal,
        Revert,
        ReturnFalse,
        BurnGas,
        ReturnBomb,
        MoveHalf
    }

    mapping(address recipient => Manner) public mannerOf;

    function mark(address recipient, Manner manner) external {
        mannerOf[recipient] = manner;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        Manner manner = mannerOf[to];
        if (manner == Manner.Revert) revert("no");
        if (manner == Manner.ReturnFalse) return false;
        if (manner == Manner.BurnGas) {
            assembly {
                invalid()
            }
        }
        if (manner == Manner.ReturnBomb) {
            assembly {
                revert(0, 40000)
            }
        }
        return super.transfer(to, manner == Manner.MoveHalf ? amount / 2 : amount);
    }
}

/// @notice Calls back in the middle of every transfer, and remembers what it was told.
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

/// @notice Says nothing, like USDT, and does not tell its decimals.
contract SilentAsset {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
