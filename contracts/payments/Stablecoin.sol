// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {PackedPayments} from "../lib/PackedPayments.sol";
import {Signatures} from "../lib/Signatures.sol";
import {TokenBucket} from "../lib/TokenBucket.sol";
import {IBatchTransfer} from "./interfaces/IBatchTransfer.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IMintGuard} from "./interfaces/IMintGuard.sol";
import {IStablecoin} from "./interfaces/IStablecoin.sol";

/**
 * @title Stablecoin
 * @notice See `IStablecoin`, which documents every function.
 */
contract Stablecoin is IStablecoin, AccessManaged, EIP712, Nonces {
    using PackedPayments for bytes32[];
    using TokenBucket for TokenBucket.Bucket;

    uint8 public constant override decimals = 6;

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

    /// @dev Top bit of the balance word. One read tells both whether an account is frozen and what it has.
    uint256 private constant FROZEN = 1 << 255;

    /// @dev Half the order of secp256k1; above it lies the second form of each signature (EIP-2).
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev keccak256("corridor.stablecoin.authorizations"), see `_authorizationWord`.
    uint256 private constant AUTHORIZATIONS = 0xfebd4dc5062036f85af89677ec7952fb87db7b189e5ceae0d9c5be29e5fbf4b9;

    /// @dev The events' topics; assembly takes literals only.
    bytes32 private constant TRANSFER_TOPIC = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef;
    bytes32 private constant AUTHORIZATION_USED_TOPIC =
        0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5;

    /// @dev What a signed transfer hashes with, unless the chain has forked since.
    bytes32 private immutable _deploymentDomain;
    uint256 private immutable _deploymentChainId;

    bool public override paused;
    IMintGuard public override mintGuard;
    uint256 public override totalSupply;
    string public override name;
    string public override symbol;

    /// @dev FROZEN | balance. A balance never reaches the top bit: the minters' limits would need 2^159 full mints.
    mapping(address account => uint256 word) private _balances;
    mapping(address owner => mapping(address spender => uint256 amount)) public override allowance;
    mapping(address minter => TokenBucket.Bucket limit) private _minters;

    /**
     * @param name_ At most 31 bytes, also the EIP-712 domain's name (version "1").
     * @param authority The AccessManager that holds every role.
     */
    constructor(
        string memory name_,
        string memory symbol_,
        address authority
    ) AccessManaged(authority) EIP712(name_, "1") {
        name = name_;
        symbol = symbol_;
        _deploymentDomain = _domainSeparatorV4();
        _deploymentChainId = block.chainid;
        // Neither can ever hold the token, and the hot path needs no check of its own for it.
        _balances[address(0)] = FROZEN;
        _balances[address(this)] = FROZEN;
    }

    modifier whenNotPaused() {
        if (paused) revert TokenIsPaused();
        _;
    }

    // ERC-20

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account] & ~FROZEN;
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount) external returns (bool) {
        _transfer(msg.sender, to, amount);
        return true;
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _spendAllowance(from, amount);
        _transfer(from, to, amount);
        return true;
    }

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

    // Batches

    /// @inheritdoc IBatchTransfer
    function transferBatch(bytes32[] calldata payments) external returns (uint256, uint256) {
        _checkSize(payments);
        return _transferBatch(msg.sender, payments, payments.total());
    }

    /// @inheritdoc IBatchTransfer
    function transferFromBatch(
        address from,
        bytes32[] calldata payments
    ) external returns (uint256 settledAmount, uint256 returned) {
        _checkSize(payments);
        uint256 total = payments.total();
        bool finite = _spendAllowance(from, total);
        (settledAmount, returned) = _transferBatch(from, payments, total);
        if (finite && settledAmount != total) allowance[from][msg.sender] += total - settledAmount;
    }

    // Minters and bridges

    /// @inheritdoc IStablecoin
    function minterAllowance(
        address minter
    ) external view returns (uint256 available, uint256 capacity, uint256 windowSeconds) {
        TokenBucket.Bucket storage limit = _minters[minter];
        return (limit.available(), limit.capacity, limit.windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @inheritdoc IStablecoin
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IStablecoin
    function crosschainMint(address to, uint256 amount) external restricted {
        _mint(to, amount);
        emit CrosschainMint(to, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function crosschainBurn(address from, uint256 amount) external restricted whenNotPaused {
        _spendAllowance(from, amount);
        _burn(from, amount);
        emit CrosschainBurn(from, amount, msg.sender);
    }

    /// @inheritdoc IStablecoin
    function configureMinter(address minter, uint96 capacity, uint24 windowSeconds) external restricted {
        _minters[minter].configure(capacity, windowSeconds);
        emit MinterConfigured(minter, capacity, windowSeconds);
    }

    /// @inheritdoc IStablecoin
    function setMintGuard(address guard) external restricted {
        emit MintGuardSet(address(mintGuard), guard);
        mintGuard = IMintGuard(guard);
    }

    // Compliance and pause

    /// @inheritdoc IStablecoin
    function isFrozen(address account) public view returns (bool) {
        return _balances[account] & FROZEN != 0;
    }

    /// @inheritdoc IStablecoin
    function freeze(address account) external restricted {
        if (isFrozen(account)) revert AccountIsFrozen(account);
        _balances[account] |= FROZEN;
        emit AccountFrozen(account);
    }

    /// @inheritdoc IStablecoin
    function unfreeze(address account) external restricted {
        if (account == address(0) || account == address(this)) revert ERC20InvalidReceiver(account);
        if (!isFrozen(account)) revert AccountIsNotFrozen(account);
        _balances[account] &= ~FROZEN;
        emit AccountUnfrozen(account);
    }

    /// @inheritdoc IStablecoin
    function pause() external restricted whenNotPaused {
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IStablecoin
    function unpause() external restricted {
        if (!paused) revert TokenIsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IBatchTransfer).interfaceId ||
            interfaceId == type(IERC7802).interfaceId ||
            interfaceId == type(IERC20).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    // Moving money

    /// @dev `_debit` and `_credit` in one, each storage key hashed once: the hot path of a single payment.
    function _transfer(address from, address to, uint256 amount) private whenNotPaused {
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

    function _debit(address from, uint256 amount) private {
        uint256 word = _balances[from];
        if (word < amount || word >= FROZEN) _refuseDebit(from, word, amount);
        unchecked {
            _balances[from] = word - amount;
        }
    }

    function _credit(address to, uint256 amount) private {
        uint256 word = _balances[to];
        if (word >= FROZEN) _refuseCredit(to);
        unchecked {
            _balances[to] = word + amount;
        }
    }

    function _refuseDebit(address from, uint256 word, uint256 amount) private pure {
        if (word >= FROZEN) revert AccountIsFrozen(from);
        revert ERC20InsufficientBalance(from, word, amount);
    }

    function _refuseCredit(address to) private view {
        if (to == address(0) || to == address(this)) revert ERC20InvalidReceiver(to);
        revert AccountIsFrozen(to);
    }

    /// @dev The debit comes first, so that a payment to the payer itself counts from what is left.
    function _transferBatch(
        address from,
        bytes32[] calldata payments,
        uint256 total
    ) private whenNotPaused returns (uint256 settledAmount, uint256 returned) {
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

    function _checkSize(bytes32[] calldata payments) private pure {
        if (!payments.isBatch()) revert BatchSizeInvalid(payments.length, PackedPayments.MAX_BATCH);
    }

    function _mint(address to, uint256 amount) private whenNotPaused {
        (bool spent, uint256 available) = _minters[msg.sender].trySpend(amount);
        if (!spent) revert MintLimitExceeded(msg.sender, available, amount);

        uint256 supplyAfter = totalSupply + amount;
        totalSupply = supplyAfter;
        _credit(to, amount);
        emit Transfer(address(0), to, amount);

        IMintGuard guard = mintGuard;
        if (address(guard) != address(0)) guard.checkMint(address(this), supplyAfter);
    }

    function _burn(address from, uint256 amount) private {
        _debit(from, amount);
        unchecked {
            // No balance is larger than the supply.
            totalSupply -= amount;
        }
        emit Transfer(from, address(0), amount);
    }

    // Permissions given by holders

    function _approve(address owner, address spender, uint256 amount) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }

    /// @return finite False when the allowance is without limit and was left as it is.
    function _spendAllowance(address owner, uint256 amount) private returns (bool finite) {
        uint256 allowed = allowance[owner][msg.sender];
        if (allowed == type(uint256).max) return false;
        if (allowed < amount) revert ERC20InsufficientAllowance(msg.sender, allowed, amount);
        unchecked {
            allowance[owner][msg.sender] = allowed - amount;
        }
        return true;
    }

    // Authorizations

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
        assembly ("memory-safe") {
            // _argumentsDigest(typeHash, 0xc0)
            let free := mload(0x40)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), 0x04, 0xc0)
            mstore(add(free, 0x22), keccak256(free, 0xe0))
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain)
            mstore(free, keccak256(free, 0x42))

            // Signatures.isValidAt(from, digest, 0xc4)
            calldatacopy(add(free, 0x20), 0xc4, 0x60)
            pop(staticcall(gas(), 1, free, 0x80, 0x00, 0x20))
            signed := and(
                and(eq(returndatasize(), 0x20), eq(mload(0x00), from)),
                iszero(gt(mload(add(free, 0x60)), HALF_ORDER))
            )

            // _authorizationWord(from, nonce)
            mstore(free, from)
            mstore(add(free, 0x20), shr(8, nonce))
            mstore(add(free, 0x40), AUTHORIZATIONS)
            let authorization := keccak256(free, 0x60)
            let used := sload(authorization)
            let marked := or(used, shl(and(nonce, 0xff), 1))

            mstore(0x00, from)
            mstore(0x20, _balances.slot)
            let balance_ := keccak256(0x00, 0x40)
            let word := sload(balance_)

            if and(
                and(
                    and(signed, gt(marked, used)),
                    and(gt(timestamp(), calldataload(0x64)), lt(timestamp(), calldataload(0x84)))
                ),
                iszero(or(or(lt(word, amount), shr(255, word)), and(sload(paused.slot), 0xff)))
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
