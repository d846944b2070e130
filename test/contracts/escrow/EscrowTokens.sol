// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Treats marked recipients badly, whoever sends to them and by whichever function.
contract CapriciousToken is PlainToken {
    enum Manner {
        Normal,
        Revert,
        ReturnFalse,
        ReturnShort,
        BurnGas,
        ReturnBomb,
        LieTrue,
        MoveAndDeny,
        MoveHalf,
        MoveDouble,
        MoveBack
    }

    mapping(address recipient => Manner) public mannerOf;

    function mark(address recipient, Manner manner) external {
        mannerOf[recipient] = manner;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        Manner manner = mannerOf[to];
        if (manner == Manner.Revert) revert("no");
        if (manner == Manner.ReturnFalse) return false;
        if (manner == Manner.ReturnShort) {
            assembly {
                return(0, 1)
            }
        }
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
        if (manner == Manner.LieTrue) return true;
        if (manner == Manner.MoveBack) {
            _mint(from, 1);
            return true;
        }
        if (manner == Manner.MoveHalf) amount /= 2;
        if (manner == Manner.MoveDouble) amount *= 2;
        _transfer(from, to, amount);
        return manner != Manner.MoveAndDeny;
    }
}

/// @notice Calls anybody in the middle of each transfer, after the money moved, and remembers what it was told.
contract CallingToken is PlainToken {
    address public target;
    bytes public attack;
    bool public entered;
    bytes4 public refusal;

    function arm(address target_, bytes calldata attack_) external {
        (target, attack, entered) = (target_, attack_, false);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0)) return;
        (bool success, bytes memory reason) = target.call(attack);
        entered = entered || success;
        refusal = success ? bytes4(0) : bytes4(reason);
    }
}

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
