// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {Signatures} from "../lib/Signatures.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {StablecoinBalances} from "./StablecoinBalances.sol";

/**
 * @title StablecoinSignatures
 * @notice What holders allow to others: allowances, permits (EIP-2612), signed transfers (EIP-3009).
 */
abstract contract StablecoinSignatures is StablecoinBalances, EIP712, Nonces {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_AUTHORIZATION_TYPEHASH = keccak256(
        "CancelAuthorization(address authorizer,bytes32 nonce)"
    );

    /// @dev From here on lies the second form of each signature (EIP-2): half the order of secp256k1, and one.
    uint256 private constant HIGH_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1;

    /// @dev keccak256("corridor.stablecoin.authorizations"), see `_authorizationWord`.
    uint256 private constant AUTHORIZATIONS = 0xfebd4dc5062036f85af89677ec7952fb87db7b189e5ceae0d9c5be29e5fbf4b9;

    /// @dev The event's topic; assembly takes literals only.
    bytes32 private constant AUTHORIZATION_USED_TOPIC =
        0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5;

    /// @dev What a signed transfer hashes with, unless the chain has forked since.
    bytes32 private immutable _deploymentDomain;
    uint256 private immutable _deploymentChainId;

    mapping(address owner => mapping(address spender => uint256 amount)) public override allowance;

    constructor(string memory name_) EIP712(name_, "1") {
        _deploymentDomain = _domainSeparatorV4();
        _deploymentChainId = block.chainid;
    }

    // Allowances

    /// @inheritdoc IERC20
    function approve(address spender, uint256 amount) external returns (bool) {
        _approve(msg.sender, spender, amount);
        return true;
    }

    // EIP-2612

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        (v, r, s); // read where they lie in calldata
        if (block.timestamp > deadline) revert PermitExpired(deadline, block.timestamp);
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline));
        if (!Signatures.isValidAt(owner, _hashTypedDataV4(structHash), 0x84)) revert InvalidSignature(owner);

        _approve(owner, spender, value);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    // EIP-3009

    /// @inheritdoc IERC3009
    function authorizationState(address authorizer, bytes32 nonce) public view returns (bool) {
        return (_authorizationWord(authorizer, nonce).value >> (uint256(nonce) & 255)) & 1 == 1;
    }

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        (validAfter, validBefore, v, r, s); // read where they lie in calldata
        _executeAuthorization(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, nonce);
    }

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _argumentsDigest(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, 0xc0);
        _useAuthorization(from, validAfter, validBefore, nonce, Signatures.isValid(from, digest, signature));
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        (validAfter, validBefore, v, r, s); // read where they lie in calldata
        if (msg.sender != to) revert CallerIsNotPayee(msg.sender, to);
        _executeAuthorization(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, nonce);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (msg.sender != to) revert CallerIsNotPayee(msg.sender, to);
        bytes32 digest = _argumentsDigest(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, 0xc0);
        _useAuthorization(from, validAfter, validBefore, nonce, Signatures.isValid(from, digest, signature));
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        (v, r, s); // read where they lie in calldata
        bytes32 digest = _argumentsDigest(CANCEL_AUTHORIZATION_TYPEHASH, 0x40);
        _cancelAuthorization(authorizer, nonce, Signatures.isValidAt(authorizer, digest, 0x44));
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes32 digest = _argumentsDigest(CANCEL_AUTHORIZATION_TYPEHASH, 0x40);
        _cancelAuthorization(authorizer, nonce, Signatures.isValid(authorizer, digest, signature));
    }

    function _approve(address owner, address spender, uint256 amount) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }

    /// @return finite False when the allowance is without limit and was left as it is.
    function _spendAllowance(address owner, uint256 amount) internal returns (bool finite) {
        uint256 allowed = allowance[owner][msg.sender];
        if (allowed == type(uint256).max) return false;
        if (allowed < amount) revert ERC20InsufficientAllowance(msg.sender, allowed, amount);
        unchecked {
            allowance[owner][msg.sender] = allowed - amount;
        }
        return true;
    }

    /**
     * @dev The hot path of a gasless transfer, whose `v, r, s` follow the six signed arguments in calldata. It does what
     * `_useAuthorization` and `_transfer` do, in one piece and with one branch for "all is well"; what is not well is
     * found out on the slow path. Ends the call.
     */
    function _executeAuthorization(bytes32 typeHash, address from, address to, uint256 amount, bytes32 nonce) private {
        bytes32 domain = _deploymentDomain;
        if (block.chainid != _deploymentChainId) domain = _domainSeparatorV4();
        bool signed;
        bool refused;
        // Works from 0x80 on, where nothing lies yet that is still needed.
        assembly {
            // _argumentsDigest(typeHash, 0xc0)
            mstore(0x80, typeHash)
            calldatacopy(0xa0, 0x04, 0xc0)
            mstore(0xa2, keccak256(0x80, 0xe0))
            mstore(0x80, hex"1901")
            mstore(0x82, domain)
            mstore(0x80, keccak256(0x80, 0x42))

            // Signatures.isValidAt(from, digest, 0xc4)
            calldatacopy(0xa0, 0xc4, 0x60)
            pop(staticcall(gas(), 1, 0x80, 0x80, 0x00, 0x20))
            signed := and(and(eq(returndatasize(), 0x20), eq(mload(0x00), from)), lt(mload(0xe0), HIGH_S))

            // _authorizationWord(from, nonce)
            mstore(0x80, from)
            mstore(0xa0, shr(8, nonce))
            mstore(0xc0, AUTHORIZATIONS)
            let authorization := keccak256(0x80, 0x60)
            let used := sload(authorization)
            let marked := or(used, shl(and(nonce, 0xff), 1))

            mstore(0x00, from)
            mstore(0x20, _balances.slot)
            let balance_ := keccak256(0x00, 0x40)
            let word := sload(balance_)

            // gt(a, b) of two truths: a and not b.
            if gt(
                and(
                    and(signed, gt(marked, used)),
                    and(gt(timestamp(), calldataload(0x64)), lt(timestamp(), calldataload(0x84)))
                ),
                or(or(lt(word, amount), shr(255, word)), sload(_paused.slot))
            ) {
                sstore(authorization, marked)
                log3(0x00, 0x00, AUTHORIZATION_USED_TOPIC, from, nonce)
                sstore(balance_, sub(word, amount))
                mstore(0x00, to)
                balance_ := keccak256(0x00, 0x40)
                word := sload(balance_)
                if iszero(shr(255, word)) {
                    sstore(balance_, add(word, amount))
                    mstore(0x00, amount)
                    log3(0x00, 0x20, TRANSFER_TOPIC, from, to)
                    stop()
                }
                refused := 1
            }
        }
        if (refused) _refuseCredit(to);
        (uint256 validAfter, uint256 validBefore) = abi.decode(msg.data[0x64:0xa4], (uint256, uint256));
        _useAuthorization(from, validAfter, validBefore, nonce, signed);
        _transfer(from, to, amount);
    }

    function _useAuthorization(
        address authorizer,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bool signed
    ) private {
        if (block.timestamp <= validAfter) revert AuthorizationNotYetValid(validAfter, block.timestamp);
        if (block.timestamp >= validBefore) revert AuthorizationExpired(validBefore, block.timestamp);
        _markAuthorization(authorizer, nonce, signed);
        emit AuthorizationUsed(authorizer, nonce);
    }

    function _cancelAuthorization(address authorizer, bytes32 nonce, bool signed) private {
        _markAuthorization(authorizer, nonce, signed);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function _markAuthorization(address authorizer, bytes32 nonce, bool signed) private {
        if (!signed) revert InvalidSignature(authorizer);
        if (authorizationState(authorizer, nonce)) revert AuthorizationAlreadyUsed(authorizer, nonce);
        _authorizationWord(authorizer, nonce).value |= 1 << (uint256(nonce) & 255);
    }

    /**
     * @dev A bit tells of each authorization whether it was used or cancelled; neighbouring nonces share a word, 256 to
     * one. The word lies under one hash of authorizer and nonce instead of a mapping's two.
     */
    function _authorizationWord(
        address authorizer,
        bytes32 nonce
    ) private pure returns (StorageSlot.Uint256Slot storage word) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, authorizer)
            mstore(add(free, 0x20), shr(8, nonce))
            mstore(add(free, 0x40), AUTHORIZATIONS)
            word.slot := keccak256(free, 0x60)
        }
    }

    /**
     * @dev EIP-712 digest over the first `size` bytes of the running call's arguments. They lie in calldata as they are
     * encoded for hashing, and the caller's declaration has checked that addresses are addresses.
     */
    function _argumentsDigest(bytes32 typeHash, uint256 size) private view returns (bytes32 digest) {
        bytes32 domain = _deploymentDomain;
        if (block.chainid != _deploymentChainId) domain = _domainSeparatorV4();
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), 0x04, size)
            let structHash := keccak256(free, add(size, 0x20))
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            digest := keccak256(free, 0x42)
        }
    }
}
