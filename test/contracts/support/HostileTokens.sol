// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IBatchTransfer} from "../../../contracts/payments/interfaces/IBatchTransfer.sol";

/// @notice An ERC-20 without any of Corridor's extensions.
contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLAIN") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice Answers whatever it is asked, a byte short of a word.
contract ShortAnswer {
    fallback() external {
        assembly ("memory-safe") {
            mstore(0x00, not(0))
            return(0x00, 0x1f)
        }
    }
}

/// @notice Keeps a tenth of each transfer.
contract FeeToken is PlainToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(this), amount / 10);
    }
}

/// @notice Takes from the payer twice what the recipient gets.
contract GreedyToken is PlainToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(from, address(this), amount);
    }
}

/// @notice Says true and moves nothing.
contract LyingToken is PlainToken {
    function transfer(address, uint256) public pure override returns (bool) {
        return true;
    }

    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @notice Moves the money and says false.
contract DenyingToken is PlainToken {
    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        return false;
    }
}

/// @notice Says nothing, like USDT, and does not tell its decimals.
contract SilentToken {
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

/// @notice Honest, and so dear that no limit of 300,000 gas is enough for a transfer.
contract DearToken is PlainToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0)) return;
        uint256 start = gasleft();
        bytes32 work;
        while (start - gasleft() < 350_000) work = keccak256(abi.encode(work));
    }
}

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

/// @notice Says that it has native batches, and lies about what they did.
contract LyingBatchToken is PlainToken, IBatchTransfer {
    uint256 public claimedAmount;
    uint256 public claimedReturned;
    uint256 public moved;

    function claim(uint256 claimedAmount_, uint256 claimedReturned_, uint256 moved_) external {
        (claimedAmount, claimedReturned, moved) = (claimedAmount_, claimedReturned_, moved_);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IBatchTransfer).interfaceId;
    }

    function transferBatch(bytes32[] calldata) external view returns (uint256, uint256) {
        return (claimedAmount, claimedReturned);
    }

    function transferFromBatch(address from, bytes32[] calldata) external returns (uint256, uint256) {
        _transfer(from, address(this), moved);
        return (claimedAmount, claimedReturned);
    }
}
