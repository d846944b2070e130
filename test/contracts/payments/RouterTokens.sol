// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {PlainToken} from "../support/HostileTokens.sol";

/// @notice Moves the money and answers what it was told to.
contract AnsweringToken is PlainToken {
    bytes public answer;

    function answerWith(bytes calldata answer_) external {
        answer = answer_;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        bytes memory told = answer;
        assembly {
            return(add(told, 0x20), mload(told))
        }
    }
}

/// @notice Moves by authorization, which it does not check, and keeps something of each step.
contract KeepingToken is PlainToken {
    uint256 public keptOnReceipt;
    uint256 public keptOnTransfer;
    bool public refuses;

    function keep(uint256 onReceipt, uint256 onTransfer) external {
        (keptOnReceipt, keptOnTransfer) = (onReceipt, onTransfer);
    }

    function refuse() external {
        refuses = true;
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 amount,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _transfer(from, to, amount - keptOnReceipt);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (refuses) return false;
        return super.transfer(to, amount - keptOnTransfer);
    }
}

/// @notice Lets its recipients act at once, as ERC-777 does: a marked one has a third account be paid a unit meanwhile.
contract ToppingUpToken is PlainToken {
    mapping(address recipient => address toppedUp) public toppedUpBy;

    function mark(address recipient, address toppedUp) external {
        toppedUpBy[recipient] = toppedUp;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && toppedUpBy[to] != address(0)) _mint(toppedUpBy[to], 1);
    }
}

/// @notice Takes every call that it does not know, as a wrapped native coin does.
contract PermissiveToken is PlainToken {
    // solhint-disable-next-line no-empty-blocks
    fallback() external {}
}

/// @notice Honest, and so costly that a transfer needs most of its gas limit.
contract CostlyToken is PlainToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0)) return;
        uint256 start = gasleft();
        bytes32 work;
        while (start - gasleft() < 200_000) work = keccak256(abi.encode(work));
    }
}
