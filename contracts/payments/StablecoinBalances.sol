// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStablecoin} from "./interfaces/IStablecoin.sol";

/**
 * @title StablecoinBalances
 * @notice Who has how much, who is frozen, and how money moves. Nobody is asked for permission on this layer.
 */
abstract contract StablecoinBalances is IStablecoin {
    /// @dev Top bit of the balance word. One read tells both whether an account is frozen and what it has.
    uint256 internal constant FROZEN = 1 << 255;

    /// @dev The event's topic; assembly takes literals only.
    bytes32 internal constant TRANSFER_TOPIC = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef;

    /// @dev 1 while paused. A word of its own, so that every transfer can take it as it is read.
    uint256 internal _paused;
    uint256 public override totalSupply;

    /// @dev FROZEN | balance. A balance never reaches the top bit: the minters' limits would need 2^159 full mints.
    mapping(address account => uint256 word) internal _balances;

    constructor() {
        // Neither can ever hold the token, and the hot path needs no check of its own for it.
        _balances[address(0)] = FROZEN;
        _balances[address(this)] = FROZEN;
    }

    modifier whenNotPaused() {
        if (_paused != 0) revert TokenIsPaused();
        _;
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account] & ~FROZEN;
    }

    /// @inheritdoc IStablecoin
    function paused() public view returns (bool) {
        return _paused != 0;
    }

    /// @inheritdoc IStablecoin
    function isFrozen(address account) public view returns (bool) {
        return _balances[account] & FROZEN != 0;
    }

    /// @dev `_debit` and `_credit` in one, each storage key hashed once: the hot path of a single payment.
    function _transfer(address from, address to, uint256 amount) internal whenNotPaused {
        uint256 slot;
        uint256 word;
        bool refused;
        assembly ("memory-safe") {
            mstore(0x00, from)
            mstore(0x20, _balances.slot)
            slot := keccak256(0x00, 0x40)
            word := sload(slot)
            refused := or(lt(word, amount), shr(255, word))
        }
        if (refused) _refuseDebit(from, word, amount);
        assembly ("memory-safe") {
            sstore(slot, sub(word, amount))
            // Read only now: the recipient may be the sender.
            mstore(0x00, to)
            slot := keccak256(0x00, 0x40)
            word := sload(slot)
        }
        if (word >= FROZEN) _refuseCredit(to);
        assembly ("memory-safe") {
            sstore(slot, add(word, amount))
            mstore(0x00, amount)
            log3(0x00, 0x20, TRANSFER_TOPIC, from, to)
        }
    }

    function _debit(address from, uint256 amount) internal {
        uint256 word = _balances[from];
        if (word < amount || word >= FROZEN) _refuseDebit(from, word, amount);
        unchecked {
            _balances[from] = word - amount;
        }
    }

    function _credit(address to, uint256 amount) internal {
        uint256 word = _balances[to];
        if (word >= FROZEN) _refuseCredit(to);
        unchecked {
            _balances[to] = word + amount;
        }
    }

    function _refuseDebit(address from, uint256 word, uint256 amount) internal pure {
        if (word >= FROZEN) revert AccountIsFrozen(from);
        revert ERC20InsufficientBalance(from, word, amount);
    }

    function _refuseCredit(address to) internal view {
        if (to == address(0) || to == address(this)) revert ERC20InvalidReceiver(to);
        revert AccountIsFrozen(to);
    }

    /// @dev The debit comes first, so that a payment to the payer itself counts from what is left.
    function _transferBatch(
        address from,
        bytes32[] calldata payments,
        uint256 total
    ) internal whenNotPaused returns (uint256 settledAmount, uint256 returned) {
        _debit(from, total);
        settledAmount = total;

        assembly ("memory-safe") {
            mstore(0x20, _balances.slot)
            let end := add(payments.offset, shl(5, payments.length))
            for {
                let at := payments.offset
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                let payment := calldataload(at)
                let to := shr(96, payment)
                let amount := and(payment, 0xffffffffffffffffffffffff)
                mstore(0x00, to)
                let slot := keccak256(0x00, 0x40)
                let word := sload(slot)
                if shr(255, word) {
                    returned := or(returned, shl(shr(5, sub(at, payments.offset)), 1))
                    settledAmount := sub(settledAmount, amount)
                    continue
                }
                sstore(slot, add(word, amount))
                mstore(0x00, amount)
                log3(0x00, 0x20, TRANSFER_TOPIC, from, to)
            }
        }

        unchecked {
            if (returned != 0) _balances[from] += total - settledAmount;
        }
    }
}
